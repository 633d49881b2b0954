// RTP and the DTLS association that keys it: another association has other keys, and without a
// peer who is who he said he was there are none.
//
// Spec: RFC 8842 §5.5 (another association), RFC 8122 §6.2 (the fingerprint), RFC 5764 §4 (keys).
#include "agents/peer/demultiplex.h"
#include "tests/agents/peer/negotiated.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace rtclab::peer {
namespace {

using namespace std::chrono_literals;
using test::negotiate;
using test::Party;
using test::PeerPair;

// Both talk to each other.
struct MediaCall : PeerPair {
  MediaCall() {
    talk(alice);
    talk(bob);
    negotiate(*this, alice);
    BOOST_REQUIRE(test::run_until_connected(*this));
    run_for(2s);
    BOOST_REQUIRE(heard(alice) > 50);
    BOOST_REQUIRE(heard(bob) > 50);
  }
  void talk(Party& party) {
    static_cast<void>(party.connection.add_track(now, {"microphone", MediaKind::Audio}, {}));
    drain();
  }
  // RTP packets that were accepted, of whichever source.
  static std::uint64_t heard(const Party& party) {
    std::uint64_t packets = 0;
    const auto report = party.connection.stats();
    for (const auto* const stream : report.all("inbound-rtp"))
      packets += std::get<std::uint64_t>(*stream->find("packetsReceived"));
    return packets;
  }
  // SRTP and SRTCP that has left since then.
  static std::vector<Bytes> protected_since(const Party& party, Instant since) {
    std::vector<Bytes> packets;
    for (const auto& [at, bytes] : party.sent) {
      if (at >= since && demultiplex(bytes) == Protocol::Rtp) packets.push_back(bytes);
    }
    return packets;
  }
  // Once more to the other peer, over the pair that is in use.
  void replay(const std::vector<Bytes>& packets, Party& to) {
    const auto pair = *to.connection.transports()[0].selected_pair;
    for (const auto& bytes : packets) {
      to.connection.handle_input(
          now, Received{{Transport::Udp, pair.first.address, pair.second.address}, bytes});
      drain();
    }
  }
  static std::size_t count(const Party& party, std::string_view event) {
    return static_cast<std::size_t>(std::ranges::count(
        party.trace, event, [](const auto& entry) { return entry.second.name; }));
  }
};

BOOST_AUTO_TEST_SUITE(peer_media_association)

BOOST_AUTO_TEST_CASE(another_association_has_other_keys_and_media_goes_on) {
  MediaCall call;
  const auto old_packets = MediaCall::protected_since(call.bob, call.now - 1s);
  BOOST_REQUIRE(old_packets.size() > 40u);
  // Another peer takes Bob's place: another certificate, another tls-id, the same section.
  SeededRng rng{4711};
  call.bob.connection = PeerConnection{{}, rng};
  call.bob.connection.handle_input(call.now, InterfaceUp{"eth0", call.bob.address});
  call.talk(call.bob);
  const auto before = MediaCall::heard(call.alice);

  negotiate(call, call.bob);
  BOOST_REQUIRE(test::run_until_connected(call));
  call.run_for(2s);

  BOOST_TEST(MediaCall::heard(call.alice) > before + 50);
  BOOST_TEST(MediaCall::heard(call.bob) > 50u);
  BOOST_TEST(MediaCall::count(call.alice, "srtp:keyed") == 2u);
  BOOST_TEST(MediaCall::count(call.alice, "srtp:packet_refused") == 0u);

  // What the first association protected is nothing to the second one.
  const auto heard = MediaCall::heard(call.alice);
  call.replay(old_packets, call.alice);
  BOOST_TEST(MediaCall::heard(call.alice) == heard);
  BOOST_TEST(MediaCall::count(call.alice, "srtp:packet_refused") == old_packets.size());
}

// The offer that Alice gets names a fingerprint that is not Bob's.
BOOST_AUTO_TEST_CASE(a_fingerprint_that_does_not_match_ends_the_media_that_runs) {
  MediaCall call;
  const auto old_packets = MediaCall::protected_since(call.bob, call.now - 1s);
  call.bob.connection.restart_ice(call.now);
  call.set_local(call.bob);
  auto offer = *call.bob.connection.pending_local_description();
  auto& digit = offer.sdp[offer.sdp.find("a=fingerprint:sha-256 ") + 22];
  digit = digit == 'A' ? 'B' : 'A';

  call.set_remote(call.alice, offer);
  call.set_local(call.alice);
  const auto heard = MediaCall::heard(call.alice);
  const auto torn_down = call.now;
  call.set_remote(call.bob, *call.alice.connection.current_local_description());
  const auto failed = [](const Party& party) {
    return party.connection.connection_state() == ConnectionState::Failed;
  };
  BOOST_REQUIRE(call.run_until([&] { return failed(call.alice) && failed(call.bob); }, 20s));
  call.run_for(3s);
  call.replay(old_packets, call.alice);

  BOOST_TEST(to_string(call.alice.connection.transports()[0].dtls_state) == "failed");
  BOOST_TEST(MediaCall::heard(call.alice) == heard);
  BOOST_TEST(MediaCall::protected_since(call.alice, torn_down + 1ns).empty());
  BOOST_TEST(MediaCall::count(call.alice, "srtp:keyed") == 1u);
}

// RFC 5764 §3: the keys are those of an association, and it is over.
BOOST_AUTO_TEST_CASE(after_close_notify_nothing_is_sent_and_nothing_accepted) {
  MediaCall call;
  const auto old_packets = MediaCall::protected_since(call.bob, call.now - 1s);
  call.bob.connection.close(call.now);
  BOOST_REQUIRE(call.run_until(
      [&] { return to_string(call.alice.connection.transports()[0].dtls_state) == "closed"; }, 5s));
  const auto closed = call.now;
  const auto heard = MediaCall::heard(call.alice);
  call.run_for(1s);
  call.replay(old_packets, call.alice);

  BOOST_TEST(MediaCall::protected_since(call.alice, closed + 1ns).empty());
  BOOST_TEST(MediaCall::heard(call.alice) == heard);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
