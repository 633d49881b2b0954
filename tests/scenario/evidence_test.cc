// What a run leaves: the same bytes for the same seed, and a capture that Wireshark understands to
// the last octet.
#include "agents/stun/attributes.h"
#include "agents/stun/message.h"
#include "tests/support/played.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/shell.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <map>
#include <ranges>
#include <sstream>

namespace rtclab {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;
using test::play;

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) found.push_back(line);
  return found;
}

struct Captured {
  test::ScratchFolder folder;
  std::string file;
  explicit Captured(const test::Played& played)
      : file{folder.write("capture.pcapng", played.capture)} {}
  // tshark's lines for a display filter, SCTP inside DTLS included.
  [[nodiscard]] std::vector<std::string> tshark(const std::string& arguments) const {
    return lines(test::output_of(
        "tshark -X lua_script:" RTCLAB_SOURCE_DIR "/docs/wireshark/webrtc.lua -r " + file +
        " -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -o tcp.check_checksum:TRUE " +
        arguments + " 2>/dev/null"));
  }
};

BOOST_AUTO_TEST_SUITE(evidence_of_a_run)

BOOST_DATA_TEST_CASE(a_seed_replays_every_octet_and_another_seed_does_not,
                     data::make({"first-call", "no-direct-path", "lossy-call"}), name) {
  const auto one = play(name, 7);
  const auto again = play(name, 7);
  const auto other = play(name, 8);

  BOOST_TEST((one.capture == again.capture));
  BOOST_TEST((one.trace == again.trace));
  BOOST_TEST((one.capture != other.capture));
  BOOST_TEST((one.trace != other.trace));
}

BOOST_AUTO_TEST_CASE(a_run_is_not_moved_by_another_run_before_it) {
  const auto alone = play("first-call", 3);
  (void)play("lossy-call", 5);
  const auto after = play("first-call", 3);

  BOOST_TEST((alone.capture == after.capture));
  BOOST_TEST((alone.trace == after.trace));
}

BOOST_DATA_TEST_CASE(wireshark_finds_nothing_malformed_and_no_wrong_checksum,
                     data::make({"first-call", "no-direct-path", "same-lan", "lossy-call"}), name) {
  const Captured captured{play(name, 1)};

  BOOST_TEST(captured.tshark("-Y _ws.malformed").empty());
  BOOST_TEST(
      captured
          .tshark(
              "-Y \"ip.checksum.status==0 || udp.checksum.status==0 || tcp.checksum.status==0\"")
          .empty());
  BOOST_TEST(captured.tshark("-Y \"_ws.expert.severity == error\"").empty());
  BOOST_TEST(captured.tshark("-Y stun").size() > 20u);
}

BOOST_AUTO_TEST_CASE(wireshark_reads_the_messages_with_the_keys_in_the_file) {
  const Captured captured{play("first-call", 1)};
  const std::string at_bob = "frame.interface_name == \"bob-laptop.eth0\"";

  // Both Finished are read, also that of the side which learns the keys by sending it.
  BOOST_TEST(captured.tshark("-Y 'dtls.handshake.type == 20 && " + at_bob + "'").size() == 2u);
  // tshark takes the sightings at other interfaces for retransmissions and opens the first one
  // only.
  BOOST_TEST(captured.tshark("-Y 'rtcdc.message_type == 3 && rtcdc.label == \"chat\"'").size() ==
             1u);
  const auto payloads = captured.tshark(
      "-Y 'sctp.data_payload_proto_id == 51 && !sctp.retransmission' -T fields -e data.data");
  BOOST_REQUIRE(payloads.size() == 2u);
  BOOST_TEST(payloads[0] == to_hex(as_octets("Hello Bob")));
  BOOST_TEST(payloads[1] == to_hex(as_octets("Hello Alice")));
}

BOOST_AUTO_TEST_CASE(every_packet_that_goes_no_further_says_by_whom_and_why) {
  const auto evidence = test::evidence_of(play("lossy-call", 1));
  std::map<std::string, int> reasons;
  for (const auto& datagram : evidence.datagrams) {
    if (datagram.fate == evidence::Fate::Delivered) continue;
    BOOST_TEST((datagram.fate != evidence::Fate::Unseen));
    BOOST_TEST(!datagram.reason.empty());
    BOOST_TEST(!datagram.dropped_at.empty());
    ++reasons[datagram.dropped_at];
  }
  BOOST_TEST(reasons["link home-a—internet"] > 0);
  BOOST_TEST(reasons["link home-b—internet"] > 0);
}

// RFC 8489 §6.2.1, to the nanosecond, as the capture has it. Without a relay, symmetric NATs filter
// every check.
BOOST_AUTO_TEST_CASE(
    an_unanswered_check_leaves_seven_times_at_the_times_of_the_standard_and_ice_fails) {
  auto loaded = test::load_library("no-direct-path");
  for (auto& peer : loaded.scenario.peers) {
    peer.configuration.ice_servers = {{.url = *peer::parse_ice_server_url("stun:stun")}};
  }
  loaded.scenario.duration = 60s;
  const auto played = play(loaded, 1);
  const auto evidence = test::evidence_of(played);

  std::map<stun::TransactionId, std::vector<Duration>> sends;
  for (const auto& packet : evidence.packets) {
    const auto* const message = packet.dissection.stun.get();
    if (message == nullptr || message->cls != stun::Class::Request ||
        !message->has<stun::Priority>())
      continue;
    if (evidence.interfaces[packet.interface].name != "alice-laptop.eth0") continue;
    if (packet.direction == evidence::Direction::Outbound)
      sends[message->transaction].push_back(packet.at);
  }
  const std::vector<Duration> standard{0ms, 500ms, 1500ms, 3500ms, 7500ms, 15500ms, 31500ms};
  int whole = 0;
  for (auto& [id, times] : sends) {
    const auto first = times.front();
    for (auto& time : times) time -= first;
    BOOST_TEST((std::ranges::equal(times, standard | std::views::take(times.size()))));
    if (times.size() == standard.size()) ++whole;
  }
  BOOST_TEST(whole >= 1);

  const auto failed = played.result.chronicles.at("alice").reached(
      scenario::StateCondition{"alice", "iceConnectionState", "failed"});
  BOOST_REQUIRE(failed.has_value());
  BOOST_TEST((failed->time_since_epoch() >= 1s + 39500ms));  // RFC 8863 §4: no earlier than this
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab
