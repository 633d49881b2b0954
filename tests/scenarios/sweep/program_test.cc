// rtclab sweep as a user calls it: the same results however it is played, and whatever interrupts
// it.
#include "scenarios/sweep/results.h"
#include "tests/scenarios/sweep/sweep_files.h"
#include "tests/support/shell.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace rtclab {
namespace {

namespace data = boost::unit_test::data;
namespace fs = std::filesystem;

struct Called {
  std::string out;
  int exit = 0;
};

Called call(const std::string& arguments, const std::string& before = "") {
  auto text = test::output_of(before + RTCLAB_PROGRAM " " + arguments + " 2>&1; echo \"exit $?\"");
  const auto mark = text.rfind("exit ");
  return {text.substr(0, mark), std::stoi(text.substr(mark + 5))};
}

std::string content(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// 240 runs; at 30 % some fail.
const std::string kSweep = test::sweep_text(
    "<axes><axis name='loss' set=\"topology//link[@a='home-a.outside']/@loss\" values='0% 10% "
    "30%'/>"
    "<axis name='delay' set=\"topology//link[@a='home-b.outside']/@delay\" "
    "values='5ms 20ms 80ms 200ms'/></axes>"
    "<collect><time name='open' peer='alice' channel='chat' readyState='open'/>"
    "<selectedPair name='pair' peer='alice'/><simulatorEvents name='events'/></collect>",
    "seeds='1..20'");

struct Fixture {
  test::ScratchFolder folder;
  fs::path file = folder.write("demo.xml", kSweep);

  [[nodiscard]] std::string at(const std::string& out) const { return folder.path() / out; }
  [[nodiscard]] Called sweep(const std::string& out, const std::string& options,
                             const std::string& before = "") const {
    return call("sweep " + file.string() + " --out " + at(out) + " " + options, before);
  }
  [[nodiscard]] std::string results(const std::string& out) const {
    return content(fs::path{at(out)} / sweep::kResultsFile);
  }
  [[nodiscard]] int rows(const std::string& out) const {
    const auto database = at(out) + "/results.sqlite";
    if (!fs::exists(database)) return 0;
    SQLite::Database opened{database, SQLite::OPEN_READWRITE};
    return opened.tableExists("runs") ? opened.execAndGet("SELECT count(*) FROM runs").getInt() : 0;
  }
};

BOOST_FIXTURE_TEST_SUITE(the_program, Fixture)

BOOST_AUTO_TEST_CASE(results_and_report_are_the_same_octets_with_one_process_and_with_two) {
  const auto one = sweep("one", "-j 1");
  const auto two = sweep("two", "-j 2");

  BOOST_TEST(one.exit == 1, one.out);  // at 30 % some fail
  BOOST_TEST(two.exit == 1, two.out);
  BOOST_TEST(rows("one") == 240);
  BOOST_TEST((results("one") == results("two")));
  BOOST_TEST((content(at("one") + "/sweep.html") == content(at("two") + "/sweep.html")));
}

// As root in a container mpirun wants to be told that this is meant.
BOOST_AUTO_TEST_CASE(results_are_the_same_under_mpi_with_three_ranks_and_with_one) {
  const std::string mpirun =
      "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -n ";
  BOOST_TEST(sweep("alone", "-j 2").exit == 1);
  const auto three = sweep("three", "--mpi", mpirun + "3 ");
  const auto one = sweep("one", "--mpi", mpirun + "1 ");

  BOOST_TEST(rows("three") == 240, three.out);
  BOOST_TEST(three.exit == 1, three.out);
  BOOST_TEST((results("three") == results("alone")), three.out);
  BOOST_TEST((content(at("three") + "/sweep.html") == content(at("alone") + "/sweep.html")));
  BOOST_TEST((results("one") == results("alone")), one.out);
}

BOOST_AUTO_TEST_CASE(shards_put_together_are_the_whole) {
  BOOST_TEST(sweep("whole", "-j 2").exit == 1);
  for (const auto* const shard : {"2/3", "1/3"})
    (void)sweep("parts", std::string{"--shard "} + shard);
  const auto early = sweep("parts", "--merge");
  BOOST_TEST(early.exit == 2);
  BOOST_TEST(
      early.out.find("80 of 240 runs are not there yet, the first is run 3") != std::string::npos,
      early.out);

  const auto last = sweep("parts", "--shard 3/3");
  BOOST_TEST(last.out.find("shard 3 of 3: 80 runs") != std::string::npos, last.out);
  const auto merged = sweep("parts", "--merge");

  BOOST_TEST(merged.exit == 1, merged.out);
  BOOST_TEST((results("parts") == results("whole")));
  BOOST_TEST((content(at("parts") + "/sweep.html") == content(at("whole") + "/sweep.html")));
}

BOOST_AUTO_TEST_CASE(a_shard_that_is_none_and_a_merge_of_nothing_are_refused) {
  for (const auto* const shard : {"0/3", "4/3", "3", "a/b"}) {
    const auto called = sweep("out", std::string{"--shard "} + shard);
    BOOST_TEST(called.exit == 2);
    BOOST_TEST(called.out.find("expected which of how many, such as 3/8") != std::string::npos,
               called.out);
  }
  const auto merged = sweep("out", "--merge");
  BOOST_TEST(merged.exit == 2);
  BOOST_TEST(merged.out.find("there are no shards here") != std::string::npos, merged.out);
}

// Ten times killed at moments that have nothing to do with what it does, and gone on with.
BOOST_AUTO_TEST_CASE(results_are_the_same_after_ten_kills_and_resumes) {
  BOOST_TEST(sweep("whole", "-j 1").exit == 1);
  int killed = 0;
  int grew = 0;
  int before = 0;
  for (const auto* const seconds :
       {"0.31", "0.47", "0.23", "0.61", "0.37", "0.53", "0.29", "0.43", "0.67", "0.59"}) {
    const auto ended =
        sweep("killed", "-j 2 --resume", std::string{"timeout -s KILL "} + seconds + " ");
    if (ended.exit == 137) ++killed;
    const auto now = rows("killed");
    BOOST_TEST(now >= before);
    if (now > before && now < 240) ++grew;
    before = now;
  }
  BOOST_TEST(killed >= 3);  // a fast machine is through before the tenth
  BOOST_TEST(grew >= 1);

  BOOST_TEST(sweep("killed", "-j 2 --resume").exit == 1);

  BOOST_TEST(rows("killed") == 240);
  BOOST_TEST((results("killed") == results("whole")));
  BOOST_TEST((content(at("killed") + "/sweep.html") == content(at("whole") + "/sweep.html")));
}

BOOST_AUTO_TEST_CASE(a_row_says_what_its_replay_command_plays) {
  BOOST_TEST(sweep("out", "-j 2 --json").exit == 1);
  SQLite::Database database{at("out") + "/results.sqlite"};
  SQLite::Statement query{database,
                          "SELECT seed, loss, delay, outcome, open FROM runs WHERE run % 29 = 1"};
  int replayed = 0;
  while (query.executeStep()) {
    const auto run = call(
        "run first-call --json --out " + at("replay") + " --seed " +
        query.getColumn(0).getString() +
        " --set \"topology//link[@a='home-a.outside']/@loss=" + query.getColumn(1).getString() +
        "\" --set \"topology//link[@a='home-b.outside']/@delay=" + query.getColumn(2).getString() +
        "\"");
    const auto json = nlohmann::json::parse(run.out);
    BOOST_TEST(json.at("as_expected").get<bool>() ==
               (query.getColumn(3).getString() == "as expected"));
    ++replayed;
  }
  BOOST_TEST(replayed == 9);
}

BOOST_AUTO_TEST_CASE(json_is_one_object_that_counts_the_outcomes_and_replays_what_failed) {
  const auto called = sweep("out", "-j 2 --json --seeds 1..5");
  const auto json = nlohmann::json::parse(called.out);

  BOOST_TEST(json.at("runs") == 60);
  std::size_t all = 0;
  for (const auto& [outcome, count] : json.at("outcomes").items()) all += count.get<std::size_t>();
  BOOST_TEST(all == 60u);
  BOOST_TEST(json.at("not_as_expected").size() ==
             60 - json["outcomes"]["as expected"].get<std::size_t>());
  BOOST_TEST(json["figures"]["open"]["median"].get<double>() > 1000);
}

BOOST_AUTO_TEST_CASE(evidence_of_the_runs_that_failed_is_left_and_of_no_others) {
  const auto called = sweep("out", "-j 2 --json --seeds 1..3 --evidence failed");
  const auto json = nlohmann::json::parse(called.out);
  BOOST_REQUIRE(!json.at("not_as_expected").empty());

  std::size_t folders = 0;
  for (const auto& entry : fs::directory_iterator{at("out") + "/runs"}) {
    BOOST_TEST(fs::exists(entry.path() / "report.html"));
    BOOST_TEST(
        !nlohmann::json::parse(content(entry.path() / "run.json")).at("as_expected").get<bool>());
    ++folders;
  }
  BOOST_TEST(folders == json["not_as_expected"].size());

  const auto first = json["not_as_expected"][0];
  BOOST_TEST(first.at("evidence").get<std::string>().ends_with("/report.html"));
  const auto link = "href=\"runs/" + std::to_string(first.at("run").get<int>()) + "/report.html\"";
  BOOST_TEST(content(at("out") + "/sweep.html").find(link) != std::string::npos, link);
}

BOOST_AUTO_TEST_CASE(evidence_of_an_earlier_sweep_does_not_outlive_it) {
  const auto runs = at("out") + "/runs";
  fs::create_directories(runs + "/77");
  fs::create_directories(runs + "/notes");

  (void)sweep("out", "--seeds 1 --again");

  BOOST_TEST(!fs::exists(runs + "/77"));
  BOOST_TEST(fs::exists(runs + "/notes"));
}

BOOST_AUTO_TEST_CASE(results_are_neither_written_over_nor_mixed_unasked) {
  BOOST_TEST(sweep("out", "--seeds 1").exit == 1);

  const auto again = sweep("out", "--seeds 1");
  BOOST_TEST(again.exit == 2);
  BOOST_TEST(again.out.find("--resume goes on with them") != std::string::npos);
  const auto others = sweep("out", "--seeds 2 --resume");
  BOOST_TEST(others.exit == 2);
  BOOST_TEST(others.out.find("results of another sweep") != std::string::npos);
  BOOST_TEST(sweep("out", "--seeds 2 --again").exit != 2);
}

BOOST_AUTO_TEST_CASE(what_is_no_sweep_is_said_in_one_sentence) {
  const auto unknown = call("sweep nat-by-nta");
  BOOST_TEST(unknown.exit == 2);
  BOOST_TEST(unknown.out.find("did you mean \"nat-by-nat\"?") != std::string::npos, unknown.out);
  BOOST_TEST(call("sweep").exit == 2);
  BOOST_TEST(call("sweep --export " + folder.path().string()).exit == 2);
  BOOST_TEST(call("sweep nat-by-nat --seeds x").exit == 2);
  BOOST_TEST(call("sweep nat-by-nat -j 0").exit == 2);
  BOOST_TEST(call("sweep " + file.string() + " --out /dev/null/x").exit == 2);
}

BOOST_AUTO_TEST_CASE(two_sweeps_do_not_write_into_one_folder) {
  const auto both =
      test::output_of("cd " + folder.path().string() +
                      "; mkdir out; exec 3>out/lock; "
                      "python3 -c 'import fcntl, subprocess; f = open(\"out/lock\", \"w\"); "
                      "fcntl.lockf(f, fcntl.LOCK_EX); "
                      "print(subprocess.run([\"" RTCLAB_PROGRAM
                      "\", \"sweep\", \"demo.xml\", \"--out\", \"out\"], "
                      "stderr=subprocess.STDOUT).returncode)' 2>&1");
  BOOST_TEST(both.find("another rtclab sweep is writing into this folder") != std::string::npos,
             both);
  BOOST_TEST(both.ends_with("2\n"), both);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab
