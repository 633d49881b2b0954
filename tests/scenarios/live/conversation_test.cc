// Two `rtclab peer` processes that talk over loopback, with a test between them as signalling.
#include "reports/evidence/load.h"
#include "reports/judge/judge.h"
#include "tests/support/line_program.h"
#include "tests/support/scratch_folder.h"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <poll.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace rtclab::program {
namespace {

using Json = nlohmann::ordered_json;
using Names = std::vector<std::string>;

// The form in which a conversation is compared: what may differ from run to run is left out.
std::string in_short(const Json& line) {
  if (!line.contains("event")) return line["type"].get<std::string>();
  auto copy = line;
  for (const auto* const name : {"addresses", "description", "message"}) copy.erase(name);
  return copy.dump();
}

// Whether a line's place among the others is the same in every run. Candidates, pairs and the end
// of checks come when the network has them.
bool is_in_order(const Json& line) {
  if (!line.contains("event")) return line["type"] == "offer" || line["type"] == "answer";
  if (line["event"] == "pair" || line["event"] == "icecandidate") return false;
  return line["event"] != "state" ||
         (line["which"] != "iceConnectionState" && line["which"] != "iceGatheringState");
}

struct Speaker {
  explicit Speaker(const Names& arguments) : program{arguments} {}
  test::LineProgram program;
  Names heard;
  bool open = false;
};

struct Conversation {
  // Carries lines both ways until `holds`.
  void until(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) BOOST_FAIL("it did not come in 20 seconds");
      std::array<pollfd, 2> ready{pollfd{alice.program.output(), POLLIN, 0},
                                  pollfd{bob.program.output(), POLLIN, 0}};
      if (!alice.program.has_line() && !bob.program.has_line()) poll(ready.data(), 2, 1000);
      if (alice.program.has_line() || ready[0].revents != 0) hear(alice, bob);
      if (bob.program.has_line() || ready[1].revents != 0) hear(bob, alice);
    }
  }
  void hear(Speaker& from, Speaker& to) {
    const auto text = from.program.read();
    BOOST_REQUIRE(!text.empty());
    const auto line = Json::parse(text);
    if (is_in_order(line)) from.heard.push_back(in_short(line));
    to.program.write(text);  // verbatim, news and all
  }
  static bool has(const Speaker& speaker, const std::string& line) {
    return std::ranges::find(speaker.heard, line) != speaker.heard.end();
  }

  test::ScratchFolder folder;
  Speaker alice{{RTCLAB_PROGRAM, "peer", "--offer", "--loopback", "--seed", "1", "--name", "alice",
                 "--peer-name", "bob", "--out", folder.path().string() + "/alice"}};
  Speaker bob{{RTCLAB_PROGRAM, "peer", "--answer", "--loopback", "--seed", "2", "--name", "bob"}};
};

const std::string kOpen = R"({"event":"channel","channel":"chat","state":"open"})";

BOOST_FIXTURE_TEST_SUITE(live_conversation, Conversation)

BOOST_AUTO_TEST_CASE(two_peers_call_each_other_and_say_what_happens) {
  until([&] { return has(alice, kOpen) && has(bob, kOpen); });
  alice.program.write(R"({"command":"send","id":1,"channel":"chat","text":"hello"})");
  until([&] { return has(bob, R"({"event":"data","channel":"chat","text":"hello"})"); });
  bob.program.write(R"({"command":"send","channel":"chat","hex":"00ff"})");
  until([&] { return has(alice, R"({"event":"data","channel":"chat","hex":"00ff"})"); });
  // What bob says last may be read after what alice heard of it.
  until([&] { return has(bob, R"({"event":"bufferedamountlow","channel":"chat"})"); });
  alice.program.write(R"({"command":"createOfer","id":2})");
  until([&] { return alice.heard.back().find("createOfer") != std::string::npos; });

  const Names said_alice{R"({"event":"ready","name":"alice","seed":1})",
                         R"({"event":"done","command":"createDataChannel"})",
                         R"({"event":"negotiationneeded"})",
                         R"({"event":"state","which":"signalingState","state":"have-local-offer"})",
                         "offer",
                         R"({"event":"state","which":"signalingState","state":"stable"})",
                         R"({"event":"state","which":"connectionState","state":"connecting"})",
                         R"({"event":"state","which":"connectionState","state":"connected"})",
                         kOpen,
                         R"({"event":"done","id":1,"command":"send"})",
                         R"({"event":"bufferedamountlow","channel":"chat"})",
                         R"({"event":"data","channel":"chat","hex":"00ff"})",
                         R"({"event":"error","id":2,"command":"createOfer","name":"TypeError"})"};
  const Names said_bob{R"({"event":"ready","name":"bob","seed":2})",
                       R"({"event":"state","which":"signalingState","state":"have-remote-offer"})",
                       R"({"event":"state","which":"signalingState","state":"stable"})",
                       "answer",
                       R"({"event":"state","which":"connectionState","state":"connecting"})",
                       R"({"event":"state","which":"connectionState","state":"connected"})",
                       R"({"event":"datachannel","channel":"chat","protocol":""})",
                       kOpen,
                       R"({"event":"data","channel":"chat","text":"hello"})",
                       R"({"event":"done","command":"send"})",
                       R"({"event":"bufferedamountlow","channel":"chat"})"};
  BOOST_TEST(alice.heard == said_alice, boost::test_tools::per_element());
  BOOST_TEST(bob.heard == said_bob, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_evidence_is_read_like_that_of_a_simulated_run) {
  until([&] { return has(alice, kOpen) && has(bob, kOpen); });
  alice.program.close_input();
  while (!alice.program.read().empty()) {
  }
  BOOST_TEST(alice.program.wait() == 0);

  const auto evidence = evidence::load(folder.path().string() + "/alice");

  BOOST_REQUIRE_MESSAGE(evidence.has_value(), (evidence ? "" : evidence.error().to_string()));
  BOOST_TEST(evidence->has_trace);
  BOOST_TEST(evidence->peers().size() == 2u);
  BOOST_TEST(evidence->packets.size() > 10u);
  BOOST_TEST(evidence->signalling.size() > 2u);
  BOOST_TEST(!evidence->secrets.empty());
  for (const auto& packet : evidence->packets) {
    BOOST_TEST((packet.direction != evidence::Direction::Unknown));
    BOOST_TEST((packet.at >= Duration{}));
  }
}

// docs/live.md begins with this call, and both have one address.
BOOST_AUTO_TEST_CASE(two_peers_at_one_address_are_not_taken_for_each_other) {
  until([&] { return has(alice, kOpen) && has(bob, kOpen); });
  alice.program.close_input();
  while (!alice.program.read().empty()) {
  }

  const auto evidence = evidence::load(folder.path().string() + "/alice").value();

  for (const auto& judgement : judge::judge(evidence)) {
    // Loopback addresses are no candidates (RFC 8445 §5.1.1.1), and the test asks for them.
    if (judgement.requirement->id == "ice-8445-5.1.1.1-no-loopback") continue;
    BOOST_TEST((judgement.verdict != judge::Verdict::Fail),
               judgement.requirement->id << ": " << judgement.summary);
  }
}

BOOST_AUTO_TEST_CASE(what_a_killed_peer_leaves_is_evidence) {
  until([&] { return has(alice, kOpen) && has(bob, kOpen); });
  alice.program.kill();

  const auto evidence = evidence::load(folder.path().string() + "/alice");

  BOOST_REQUIRE_MESSAGE(evidence.has_value(), (evidence ? "" : evidence.error().to_string()));
  BOOST_TEST(evidence->packets.size() > 10u);
  BOOST_TEST(evidence->trace.size() > 20u);
}

BOOST_AUTO_TEST_SUITE_END()

struct Sending : Conversation {
  // The sum of a member of bob's inbound streams.
  double received(const char* member) {
    double sum = 0;
    bob.program.write(R"({"command":"getStats"})");
    for (auto text = bob.program.read(); !text.empty(); text = bob.program.read()) {
      const auto line = Json::parse(text);
      if (line.value("event", "") != "statistics") {
        alice.program.write(text);
        continue;
      }
      for (const auto& each : line["report"])
        if (each["type"] == "inbound-rtp") sum += each.value(member, 0.0);
      break;
    }
    return sum;
  }
  static constexpr const char* kMedia = RTCLAB_TEST_DATA "/media/";
};

BOOST_FIXTURE_TEST_SUITE(live_media, Sending)

// Sums over what was decoded: pictures of 160 columns.
BOOST_AUTO_TEST_CASE(recordings_that_one_sends_are_played_by_the_other) {
  alice.program.write(R"({"command":"addTrack","track":{"file":")" + std::string{kMedia} +
                      R"(clip.ivf"}})");
  alice.program.write(R"({"command":"addTrack","track":{"file":")" + std::string{kMedia} +
                      R"(clip.opus"}})");
  until([&] { return received("framesDecoded") >= 15 && received("totalSamplesReceived") > 0; });

  BOOST_TEST(received("frameWidth") == 160);
  BOOST_TEST(received("packetsLost") == 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(live_lines)

BOOST_AUTO_TEST_CASE(rubbish_is_answered_and_ends_nothing) {
  test::LineProgram peer{{RTCLAB_PROGRAM, "peer", "--loopback"}};
  peer.read();  // ready

  for (const auto* const rubbish :
       {"", "hello", "{", "null", "[]", "{\"type\":3}", "{\"command\":\"nonsense\"}",
        "\xff\xfe\x00", "{\"type\":\"offer\",\"sdp\":\"x\"}"}) {
    peer.write(rubbish);
  }
  peer.write(R"({"command":"quit"})");

  std::size_t errors = 0;
  std::string last;
  for (auto line = peer.read(); !line.empty(); line = peer.read()) {
    const auto json = Json::parse(line);
    errors += json["event"] == "error" ? 1 : 0;
    if (json["event"] == "done") last = json["command"];
  }
  BOOST_TEST(errors == 8u);  // the empty line says nothing
  BOOST_TEST(last == "quit");
  BOOST_TEST(peer.wait() == 0);
}

BOOST_AUTO_TEST_CASE(a_recording_that_cannot_be_played_is_an_error_with_its_path) {
  test::LineProgram peer{{RTCLAB_PROGRAM, "peer", "--loopback"}};
  peer.read();  // ready

  peer.write(R"({"command":"addTrack","id":1,"track":{"file":"/no/such.ivf"}})");
  peer.write(R"({"command":"replaceTrack","id":2,"transceiver":1,"track":{"file":"/etc/passwd"}})");

  const auto added = Json::parse(peer.read());
  const auto replaced = Json::parse(peer.read());
  BOOST_TEST(added["name"] == "NotReadableError");
  BOOST_TEST(added["message"] == "/no/such.ivf: there is no such file");
  BOOST_TEST(replaced["id"] == 2);
  BOOST_TEST(
      replaced["message"].get<std::string>().starts_with("/etc/passwd: this is none of IVF"));
  BOOST_TEST(test::LineProgram({RTCLAB_PROGRAM, "peer", "--send", "/no/such.ivf"}).wait() == 2);
}

// However long it is, and whatever of it comes with the next one.
BOOST_AUTO_TEST_CASE(a_line_too_long_is_refused_once_and_the_next_is_read) {
  test::LineProgram peer{{RTCLAB_PROGRAM, "peer"}};
  peer.read();

  for (const std::size_t octets : {(4u << 20u) + 1, (4u << 20u) + 10, 9u << 20u}) {
    peer.write(std::string(octets, 'x'));
    peer.write(R"({"command":"getTransceivers","id":1})");

    const auto refused = Json::parse(peer.read());
    BOOST_TEST(refused["event"] == "error");
    BOOST_TEST(refused["message"] == "a line may have at most 4194304 octets");
    BOOST_TEST(Json::parse(peer.read())["command"] == "getTransceivers");
  }
  peer.close_input();
  while (!peer.read().empty()) {
  }
  BOOST_TEST(peer.wait() == 0);
}

BOOST_AUTO_TEST_CASE(a_line_too_long_without_an_end_ends_with_the_input) {
  test::LineProgram peer{{RTCLAB_PROGRAM, "peer"}};
  peer.read();

  peer.write(std::string(5u << 20u, 'x') + "\n" + std::string(5u << 20u, 'y'));
  peer.close_input();

  BOOST_TEST(Json::parse(peer.read())["event"] == "error");
  BOOST_TEST(Json::parse(peer.read())["event"] == "error");
  while (!peer.read().empty()) {
  }
  BOOST_TEST(peer.wait() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::program
