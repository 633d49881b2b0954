// The program as a user calls it: what it prints, what it leaves, how it ends.
#include "agents/base/bytes.h"
#include "tests/support/played.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/shell.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <set>
#include <sstream>

namespace rtclab {
namespace {

namespace data = boost::unit_test::data;
namespace fs = std::filesystem;

struct Called {
  std::string out;  // standard output and standard error
  int exit = 0;
};

// `before` is shell, for a folder or a variable.
Called call(const std::string& arguments, const std::string& errors = "2>&1",
            const std::string& before = "") {
  auto text = test::output_of(before + RTCLAB_PROGRAM " " + arguments + " " + errors +
                              "; echo \"exit $?\"");
  const auto mark = text.rfind("exit ");
  return {text.substr(0, mark), std::stoi(text.substr(mark + 5))};
}

std::string content(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

const std::string kRecording = RTCLAB_TEST_DATA "/recordings/chromium-pion-dc";

BOOST_AUTO_TEST_SUITE(program)

BOOST_AUTO_TEST_CASE(run_leaves_everything_that_it_says) {
  const test::ScratchFolder folder;
  const auto out = folder.path().string() + "/call";

  const auto called = call("run first-call --out " + out);

  BOOST_TEST(called.exit == 0, called.out);
  BOOST_TEST(called.out.find("connected") != std::string::npos);
  BOOST_TEST(called.out.find(out + "/report.html") != std::string::npos);
  for (const auto* const file :
       {"capture.pcapng", "trace.jsonl", "run.json", "sequence.svg", "ladder.txt",
        "pairs-alice.svg", "pairs-bob.svg", "verdicts.json", "report.html"}) {
    BOOST_TEST(fs::file_size(fs::path{out} / file) > 100u, file);
  }
}

BOOST_AUTO_TEST_CASE(two_runs_with_one_seed_leave_the_same_files_and_another_seed_others) {
  const test::ScratchFolder folder;
  for (const auto* const run : {"--seed 5 --out a", "--seed 5 --out b", "--seed 6 --out c"}) {
    BOOST_TEST(test::output_of("cd " + folder.path().string() +
                               " && " RTCLAB_PROGRAM " run first-call " + run +
                               " >/dev/null; echo $?") == "0\n");
  }
  const fs::path root{folder.path()};
  for (const auto& entry : fs::directory_iterator{root / "a"}) {
    const auto file = entry.path().filename();
    // report.html names the folder's own replay command, which is the same too.
    BOOST_TEST((content(root / "a" / file) == content(root / "b" / file)), file);
  }
  BOOST_TEST((content(root / "a" / "capture.pcapng") != content(root / "c" / "capture.pcapng")));
  BOOST_TEST((content(root / "a" / "trace.jsonl") != content(root / "c" / "trace.jsonl")));
}

BOOST_AUTO_TEST_CASE(check_reads_a_topology_from_a_pipe) {
  const std::string library{RTCLAB_SOURCE_DIR "/topologies/library/"};

  const auto good = call("check /dev/stdin", "2>&1", "cat " + library + "two-homes.xml | ");
  BOOST_TEST(good.exit == 0);
  BOOST_TEST(good.out.find("a topology \"two-homes\" with 2 hosts") != std::string::npos, good.out);

  const auto bad = call("check /dev/stdin", "2>&1", "echo '<topology/>' | ");
  BOOST_TEST(bad.exit == 2);
  BOOST_TEST(
      bad.out.find("/dev/stdin:1:1: <topology> needs the attribute name") != std::string::npos,
      bad.out);

  const auto scenario = call("check /dev/stdin", "2>&1", "echo '<scenario/>' | ");
  BOOST_TEST(scenario.exit == 2);
  BOOST_TEST(scenario.out.find("expected a file of it") != std::string::npos, scenario.out);
}

BOOST_AUTO_TEST_CASE(json_is_one_object_with_the_verdicts) {
  const test::ScratchFolder folder;
  const auto run = nlohmann::json::parse(
      call("run first-call --json --out " + folder.path().string(), "2>/dev/null").out);
  BOOST_TEST(run.at("as_expected").get<bool>());

  const auto judged =
      nlohmann::json::parse(call("judge " + folder.path().string() + " --json", "2>/dev/null").out);
  BOOST_TEST(judged.at("verdicts").size() >= 30u);
  for (const auto& verdict : judged.at("verdicts")) {
    BOOST_TEST(verdict.contains("id"));
    BOOST_TEST(verdict.contains("verdict"));
    BOOST_TEST(verdict.contains("evidence"));
    if (verdict.at("verdict") == "pass") BOOST_TEST(!verdict.at("evidence").empty());
  }
  BOOST_TEST((run.at("verdicts") == judged.at("verdicts")));
}

BOOST_AUTO_TEST_CASE(an_expectation_that_fails_is_shown_and_ends_with_1) {
  const test::ScratchFolder folder;
  auto text = content(RTCLAB_SOURCE_DIR "/scenarios/library/first-call.xml");
  const std::string from = "by=\"1.6s\"";
  BOOST_REQUIRE(text.find(from) != std::string::npos);
  text.replace(text.find(from), from.size(), "by=\"1.1s\"");

  const auto called = call("run " + folder.write("hasty.xml", text).string() + " --out " +
                           folder.path().string() + "/out");

  BOOST_TEST(called.exit == 1);
  BOOST_TEST(called.out.find("by 1.1 s; instead: not then, but at") != std::string::npos, called.out);
}

BOOST_AUTO_TEST_CASE(a_deviation_is_caught_with_its_clause_and_ends_with_1) {
  const test::ScratchFolder folder;
  auto text = content(RTCLAB_SOURCE_DIR "/scenarios/library/round-trips.xml");
  const std::string from = "machine=\"alice-server\"/>";
  text.replace(text.find(from), from.size(),
               "machine=\"alice-server\"><deviation name=\"ice-priority-as-host\"/></peer>");

  const auto called = call("run " + folder.write("wrong.xml", text).string() + " --out " +
                           folder.path().string() + "/out");

  BOOST_TEST(called.exit == 1);
  BOOST_TEST(called.out.find("RFC 8445 §7.1.1") != std::string::npos, called.out);
}

BOOST_AUTO_TEST_CASE(a_recording_is_drawn_and_judged_like_a_run) {
  const test::ScratchFolder folder;
  const auto drawn = call("draw " + kRecording + "/capture.pcap --signalling " + kRecording +
                          "/signalling.json --out " + folder.path().string());
  BOOST_TEST(drawn.exit == 0, drawn.out);
  for (const auto* const file : {"sequence.svg", "pairs-a.svg", "pairs-b.svg", "report.html"}) {
    BOOST_TEST(fs::exists(folder.path() / file), file);
  }
  const auto ladder = call("draw " + kRecording + " --ladder");
  BOOST_TEST(ladder.out.find("ClientHello") != std::string::npos);

  const auto judged = call("judge " + kRecording);
  BOOST_TEST(judged.exit == 1);  // Pion's PRIORITY
  BOOST_TEST(judged.out.find("ice-8445-7.1.1-priority-attr") != std::string::npos);
}

// As with a capture that is too large: here it cannot be read back, since it is the null device.
BOOST_AUTO_TEST_CASE(a_run_whose_evidence_cannot_be_read_has_its_summary_and_no_report) {
  const test::ScratchFolder folder;
  fs::create_symlink("/dev/null", folder.path() / "capture.pcapng");
  folder.write("report.html", "of an earlier run");

  const auto called = call("run first-call --out " + folder.path().string());

  BOOST_TEST(called.exit == 0, called.out);
  BOOST_TEST(called.out.find("9 of 9 came true") != std::string::npos, called.out);
  BOOST_TEST(called.out.find("no report      ") != std::string::npos, called.out);
  BOOST_TEST(!fs::exists(folder.path() / "report.html"));
}

// Found by a stranger's flipped octets: what stands in a USERNAME need be no text.
BOOST_AUTO_TEST_CASE(a_recording_with_octets_that_are_no_text_is_drawn) {
  const test::ScratchFolder folder;
  auto capture = content(kRecording + "/capture.pcap");
  const auto signalling = content(kRecording + "/signalling.json");
  const std::string before = "a=ice-ufrag:";
  const auto ufrag = signalling.substr(signalling.find(before) + before.size(), 4);
  std::size_t changed = 0;
  for (auto at = capture.find(ufrag); at != std::string::npos; at = capture.find(ufrag)) {
    capture[at] = '\xff';
    ++changed;
  }
  BOOST_REQUIRE(changed > 0);

  const auto drawn = call("draw " + folder.write("odd.pcap", capture).string() + " --signalling " +
                          kRecording + "/signalling.json --out " + folder.path().string());

  BOOST_TEST(drawn.exit == 0, drawn.out);
  BOOST_TEST(nlohmann::json::parse(content(folder.path() / "verdicts.json")).contains("verdicts"));
}

BOOST_AUTO_TEST_CASE(a_capture_that_was_cut_off_is_judged_with_a_warning) {
  const test::ScratchFolder folder;
  const auto whole = content(kRecording + "/capture.pcap");
  const auto file = folder.write("cut.pcap", std::string_view{whole}.substr(0, whole.size() - 7));

  const auto drawn =
      call("draw " + file.string() + " --out " + folder.path().string(), "2>&1 >/dev/null");

  BOOST_TEST(drawn.exit == 0);
  BOOST_TEST(drawn.out.starts_with("rtclab: warning: cut.pcap ends inside frame 56: it is cut off"),
             drawn.out);
  BOOST_TEST(content(folder.path() / "report.html").find("cut.pcap ends inside frame 56") !=
             std::string::npos);
}

// Alice calls Bob, and Carol calls Dave.
BOOST_AUTO_TEST_CASE(two_calls_beside_each_other_are_told_and_judged_each_for_itself) {
  std::string hosts;
  std::string links;
  int number = 0;
  for (const auto* const name : {"ma", "mb", "mc", "md"}) {
    hosts += std::string{"<host name=\""} + name + "\"><interface name=\"eth0\" address=\"203.0." +
             std::to_string(++number) + ".1/24\"/></host>";
    links += std::string{"<link a=\""} + name + "\" b=\"internet\" delay=\"9ms\"/>";
  }
  const test::ScratchFolder folder;
  folder.write("four.topo.xml",
               "<topology name=\"four\"><title>Four machines</title>" + hosts +
                   "<router name=\"internet\"/><signallingServer name=\"signalling\"><interface "
                   "address=\"192.0.2.130/26\"/></signallingServer><link a=\"signalling\" "
                   "b=\"internet\" delay=\"1ms\"/>" +
                   links + "</topology>");
  const auto calls = [](const std::string& a, const std::string& b) {
    const auto step = [](const std::string& name, const std::string& peer,
                         const std::string& rest = "") {
      return "<" + name + " peer=\"" + peer + "\"" + rest + "/>";
    };
    return step("createDataChannel", a, " label=\"chat\"") + step("createOffer", a) +
           step("setLocalDescription", a) + step("sendDescription", a, " to=\"" + b + "\"") +
           step("setRemoteDescription", b) + step("createAnswer", b) +
           step("setLocalDescription", b) + step("sendDescription", b, " to=\"" + a + "\"") +
           step("setRemoteDescription", a) + "<wait for=\"1s\"/>";
  };
  const auto file = folder.write(
      "four.xml",
      "<scenario name=\"four\" topology=\"four.topo.xml\" duration=\"10s\"><title>Four</title>"
      "<peer name=\"alice\" machine=\"ma\"/><peer name=\"bob\" machine=\"mb\"/><peer "
      "name=\"carol\" "
      "machine=\"mc\"/><peer name=\"dave\" machine=\"md\"/><timeline>" +
          calls("alice", "bob") + calls("carol", "dave") +
          "</timeline><expect><state peer=\"carol\" connectionState=\"connected\"/></expect>"
          "</scenario>");

  const auto called = call("run " + file.string() + " --out " + folder.path().string() + "/out");

  BOOST_TEST(called.exit == 0, called.out);
  const auto holds = [&](std::string_view text) {
    return called.out.find(text) != std::string::npos;
  };
  BOOST_TEST(holds("alice and bob: 0."), called.out);
  BOOST_TEST(holds("carol and dave: 0."), called.out);
  BOOST_TEST(holds("alice 203.0.1.1:"), called.out);
  BOOST_TEST(holds("⇄  dave 203.0.4.1:"), called.out);
  BOOST_TEST(holds("alice nominated it"), called.out);
  BOOST_TEST(holds("carol nominated it"), called.out);
}

BOOST_AUTO_TEST_CASE(what_no_key_opens_is_counted_when_media_is_wanted_in_the_clear) {
  const test::ScratchFolder folder;
  const auto file = folder.path().string() + "/media.pcapng";

  const auto called = call("decrypt " + kRecording + " --out " + file);

  BOOST_TEST(called.exit == 0, called.out);
  BOOST_TEST(called.out.find("0 packets of media") != std::string::npos, called.out);
  BOOST_TEST(fs::exists(file));
}

// Every group of a list has words for its title: "TURN clients and servers (32)", not "turn (32)".
BOOST_AUTO_TEST_CASE(nats_are_classified_beside_what_their_file_says) {
  const test::ScratchFolder folder;
  const auto out = folder.path().string() + "/checked";

  const auto text = call("check --behaviour symmetric-pair --out " + out);
  const auto json = call("check --behaviour symmetric-pair --json", "2>/dev/null");

  BOOST_TEST(text.exit == 0, text.out);
  BOOST_TEST(text.out.find("APDM APDF none 120 s random") != std::string::npos, text.out);
  const auto report = nlohmann::json::parse(json.out);
  BOOST_TEST(report.at("agrees").get<bool>());
  BOOST_TEST(report.at("subjects").size() == 4u);  // two NATs, UDP and TCP
  // What it leaves is evidence as a run's.
  const auto judged = call("judge " + out);
  BOOST_TEST(judged.exit == 0, judged.out);
  BOOST_TEST(judged.out.find("declared      nat-4787-REQ-1-eim") != std::string::npos, judged.out);
}

BOOST_AUTO_TEST_CASE(the_groups_of_a_list_have_titles) {
  for (const auto* const topic : {"deviations", "requirements", "scenarios"}) {
    std::istringstream lines{call("list " + std::string{topic}).out};
    std::size_t titles = 0;
    for (std::string line; std::getline(lines, line);) {
      const bool is_title = line.ends_with(')') && line.find("  ") == std::string::npos;
      if (!is_title) continue;
      ++titles;
      BOOST_TEST(line.substr(0, line.rfind(" (")).find(' ') != std::string::npos, line);
    }
    BOOST_TEST(titles > 5u, topic);
  }
}

std::string first_call_by(const std::string& instant) {
  std::ifstream in{RTCLAB_SOURCE_DIR "/scenarios/library/first-call.xml"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  const std::string_view by = "by=\"1.6s\"";
  return text.replace(text.find(by), by.size(), "by=\"" + instant + "\"");
}

BOOST_AUTO_TEST_CASE(several_scenarios_run_in_processes_of_their_own_and_are_told_in_one_table) {
  const test::ScratchFolder folder;
  const auto out = folder.path() / "out";

  const auto called = call("run first-call same-lan -j 2 --out " + out.string());

  BOOST_TEST(called.exit == 0, called.out);
  BOOST_TEST(called.out.find("2 of 2 scenarios as expected") != std::string::npos, called.out);
  for (const auto* const name : {"first-call", "same-lan"})
    BOOST_TEST(fs::exists(out / name / "report.html"), name);
}

BOOST_AUTO_TEST_CASE(a_folder_of_scenarios_fails_when_one_of_them_does_and_says_how) {
  const test::ScratchFolder folder;
  folder.write("good.xml", first_call_by("1.6s"));
  folder.write("late.xml", first_call_by("1.1s"));
  const auto command =
      "run " + folder.path().string() + " --seed 3 --out " + (folder.path() / "out").string();

  const auto called = call(command);
  BOOST_TEST(called.exit == 1, called.out);
  BOOST_TEST(called.out.find("1 of 2 scenarios as expected") != std::string::npos, called.out);
  BOOST_TEST(called.out.find("alice channel \"chat\" = open by 1.1 s; instead: not then, but at") !=
                 std::string::npos,
             called.out);
  BOOST_TEST(called.out.find("late.xml --seed 3") != std::string::npos, called.out);
  const auto json = nlohmann::json::parse(call(command + " --json -j 1").out);
  BOOST_TEST(json.at("runs").at(0).at("exit") == 0);
  BOOST_TEST(json.at("runs").at(1).at("exit") == 1);

  folder.write("bad.xml", "<scenario/>");
  const auto bad = call(command);
  BOOST_TEST(bad.exit == 2, bad.out);
  BOOST_TEST(bad.out.find("bad.xml:1:") != std::string::npos, bad.out);
}

BOOST_AUTO_TEST_CASE(scenarios_whose_evidence_would_meet_in_one_folder_are_refused) {
  const test::ScratchFolder folder;
  const auto twin = folder.write("first-call.xml", first_call_by("1.6s"));

  const auto called = call("run first-call " + twin.string());

  BOOST_TEST(called.exit == 2);
  BOOST_TEST(called.out.find("expected files of different names") != std::string::npos, called.out);
}

// A MUST that has to be broken is no failure; the same without that is one.
BOOST_AUTO_TEST_CASE(a_scenario_may_expect_a_verdict_to_be_fail) {
  auto text = first_call_by("1.6s");
  text.insert(text.find("</peer>"), "<deviation name=\"ice-check-without-fingerprint\"/>");
  const std::string_view end = "</expect>";
  auto expecting = text;
  expecting.insert(expecting.find(end),
                   "<verdict requirement=\"ice-8445-7.2.4-fingerprint\" is=\"fail\"/>");
  const test::ScratchFolder folder;
  const auto out = " --out " + (folder.path() / "out").string();

  const auto plain = call("run " + folder.write("plain.xml", text).string() + out);
  const auto expected = call("run " + folder.write("expecting.xml", expecting).string() + out);

  BOOST_TEST(plain.exit == 1, plain.out);
  BOOST_TEST(expected.exit == 0, expected.out);
}

BOOST_AUTO_TEST_CASE(help_teaches_and_lists_answer) {
  BOOST_TEST(call("--help").out.find("rtclab run first-call") != std::string::npos);
  for (const auto* const command : {"run", "draw", "judge", "decrypt", "check", "list"}) {
    const auto help = call(std::string{command} + " --help");
    BOOST_TEST(help.exit == 0);
    BOOST_TEST(help.out.size() > 100u);
  }
  BOOST_TEST(call("list").exit == 0);
  for (const auto* const topic : {"scenarios", "topologies", "deviations", "requirements"}) {
    BOOST_TEST(call("list " + std::string{topic}).exit == 0);
    BOOST_TEST(
        nlohmann::json::parse(call("list --json " + std::string{topic}).out).contains(topic));
  }
  BOOST_TEST(call("list scenarios").out.find("The first call") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(
    the_clauses_of_deviations_and_requirements_stand_in_one_column_under_headings) {
  for (const auto* const topic : {"deviations", "requirements"}) {
    std::istringstream lines{call("list " + std::string{topic}).out};
    std::set<std::size_t> columns;
    std::size_t rows = 0, headings = 0;
    for (std::string line; std::getline(lines, line);) {
      const auto clause = line.find("RFC ");
      if (line.find("§") != std::string::npos) {
        ++rows;
        if (clause != std::string::npos) columns.insert(clause);
      } else if (!line.empty()) {
        ++headings;
        BOOST_TEST(line.ends_with(")"), line);
      }
    }
    BOOST_TEST(columns.size() == 1u, topic);
    BOOST_TEST(rows > 100u);
    BOOST_TEST(headings >= 5u);
    BOOST_TEST(headings <= 24u);
  }
}

// Everything a person can get wrong: one sentence that names the thing, exit code 2, and no more.
struct Mistake {
  std::string arguments;
  const char* answer;
};
std::ostream& operator<<(std::ostream& out, const Mistake& mistake) {
  return out << mistake.arguments;
}
const std::vector<Mistake> kMistakes{
    {"", "A subcommand is required"},
    {"jugde", "did you mean \"judge\""},
    {"run", "SCENARIO is required"},
    {"run frist-call", "did you mean \"first-call\""},
    {"run nowhere/call.xml", "no such file"},
    {"run first-call --seed minus", "minus"},
    {"run first-call --seed=-1", "whole number"},
    {"run first-call --seed 18446744073709551616", "whole number"},
    {"run first-call --sede 3", "--sede"},
    {"run first-call --out /proc/nowhere", "/proc/nowhere"},
    {"run $D/empty.xml", "empty"},
    {"run $D/entities.xml", "DOCTYPE"},
    {"run $D/large.xml", "MB"},
    {"run $D/noise.xml", "noise.xml:1"},
    {"check $D/unknown.xml", "unknown.xml:1"},
    {"check $D/nat.xml", "expected EIM, ADM or APDM"},
    {"check $D/island.xml", "island"},
    {"check $D/noise.bin", "noise.bin"},
    {"check nowhere.xml", "no such file"},
    {"check two-hoems", "did you mean \"two-homes\""},
    {"check --behaviour nowhere", "no topology of this name"},
    {"check --behaviour two-homes --seed one", "expected a whole number"},
    {"check two-homes --seed 2", "--behaviour"},
    {"judge " + kRecording + "/capture.pcap --nat inside=lan", "expected inside=IF,outside=IF"},
    {"judge " + kRecording + "/capture.pcap --nat inside=lan,outside=wan", "no interface \"lan\""},
    {"judge nowhere", "nowhere"},
    {"judge $D", "capture"},
    {"judge $D/empty.pcap", "empty"},
    {"judge $D/noise.pcap", "noise.pcap"},
    {"judge $D/cut.pcap", "cut off"},
    {"judge $D/usb.pcapng", "usb.pcapng"},
    {"judge $D/large.pcap", "MB"},
    {"judge $D/good.pcap --signalling $D/bad.json", "bad.json"},
    {"judge $D/good.pcap --signalling $D/empty.pcap", "empty.pcap"},
    {"draw $D/good.pcap --signalling nowhere.json", "nowhere.json"},
    {"draw $D/good.pcap --width 20 --ladder", "60"},
    {"decrypt nowhere", "nowhere"},
    {"decrypt $D/noise.pcap --out $D/media.pcapng", "noise.pcap"},
    {"decrypt $D/good.pcap --out $D/no/such/folder.pcapng", "cannot be written"},
    {"list wonders", "the lists are"},
};

// The files that the mistakes speak of.
void make_bad_files(const test::ScratchFolder& folder) {
  const auto recording = content(kRecording + "/capture.pcap");
  folder.write("empty.xml", "");
  folder.write("entities.xml", "<!DOCTYPE x [<!ENTITY a \"b\">]><scenario name=\"&a;\"/>");
  folder.write("noise.xml", std::string(4000, '\x07'));
  folder.write("noise.bin", std::string("\x89PNG\r\n\x1a\n\0\0\0", 11));
  folder.write("unknown.xml", "<wedding/>");
  folder.write(
      "nat.xml",
      "<topology name=\"n\"><title>N</title><nat name=\"n\" mapping=\"EIN\" filtering=\"APDF\">"
      "<inside address=\"192.168.0.1/24\"/><outside address=\"203.0.113.1/24\"/></nat></topology>");
  folder.write(
      "island.xml",
      "<topology name=\"n\"><title>N</title><host name=\"island\"><interface name=\"eth0\" "
      "address=\"203.0.113.1/24\"/></host><router name=\"internet\"/></topology>");
  folder.write("empty.pcap", "");
  folder.write("noise.pcap", std::string(4000, 'x'));
  folder.write("good.pcap", recording);
  folder.write("cut.pcap", std::string_view{recording}.substr(0, 30));
  folder.write("bad.json", "[\n {\"t\": 1,\n  \"from\": }\n]");
  // A pcapng of link type USB (249) with nothing in it.
  folder.write("usb.pcapng",
               as_text(from_hex("0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000"
                                "0100000014000000f90000000000040014000000")));
  for (const auto* const name : {"large.xml", "large.pcap"}) {
    folder.write(name, " ");
    fs::resize_file(folder.path() / name, 1'200'000'000);  // sparse: no disk is used
  }
}

BOOST_DATA_TEST_CASE(a_mistake_is_answered_in_one_sentence_and_ends_with_2, data::make(kMistakes),
                     mistake) {
  static const test::ScratchFolder folder;
  static const bool made = (make_bad_files(folder), true);
  BOOST_REQUIRE(made);

  const auto [answer, exit] =
      call(mistake.arguments, "2>&1",
           "cd " + folder.path().string() + "; D=" + folder.path().string() + "; ");

  BOOST_TEST(exit == 2, answer);
  BOOST_TEST(answer.starts_with("rtclab: "), answer);
  BOOST_TEST(answer.find(mistake.answer) != std::string::npos, answer);
  BOOST_TEST(std::ranges::count(answer, '\n') == 1, answer);
}

BOOST_AUTO_TEST_CASE(validate_writes_the_same_page_each_time_and_every_figure_as_json) {
  const test::ScratchFolder folder;
  const auto page = folder.path().string() + "/page.md";
  const auto json = folder.path().string() + "/page.json";

  const auto called =
      call("validate --only set-up dtls-loss --samples 40 --out " + page + " --json " + json);
  const auto first = content(page);
  call("validate --only set-up dtls-loss --samples 40 --out " + page);

  BOOST_TEST(called.exit == 0, called.out);
  BOOST_TEST(called.out.find("set-up") != std::string::npos);
  BOOST_TEST(first == content(page));
  const auto read = nlohmann::json::parse(content(json));
  BOOST_TEST(read.at("sections").size() == 2u);
  BOOST_TEST(read.at("agrees") == true);
}

BOOST_DATA_TEST_CASE(validate_says_what_it_cannot_take,
                     data::make({"--only nat-tabel", "--seeds 0", "--seeds many", "--samples 1",
                                 "--only set-up --out /no/such/folder/page.md"}),
                     arguments) {
  const auto called = call("validate " + std::string{arguments});

  BOOST_TEST(called.exit == 2, called.out);
  BOOST_TEST(std::ranges::count(called.out, '\n') <= 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab
