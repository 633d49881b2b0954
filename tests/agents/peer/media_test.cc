// RTP media of whole connections: two peers, their DTLS keys, their tracks and what each hears.
#include "tests/agents/peer/negotiated.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace rtclab {
namespace {

using namespace std::chrono_literals;
using peer::MediaKind;
using peer::TrackMuted;
using peer::TrackUnmuted;
using test::negotiate;
using test::PeerPair;
using test::run_until_connected;

// The sum of a member over the objects of a type.
double sum(const test::Party& party, std::string_view type, std::string_view member) {
  double total = 0;
  const auto report = party.connection.stats();
  for (const auto* const object : report.all(type)) {
    const auto* const value = object->find(member);
    if (value == nullptr) continue;
    if (const auto* count = std::get_if<std::uint64_t>(value)) total += static_cast<double>(*count);
    if (const auto* number = std::get_if<std::int64_t>(value))
      total += static_cast<double>(*number);
    if (const auto* real = std::get_if<double>(value)) total += *real;
  }
  return total;
}

// Alice sends audio and video, Bob nothing.
struct Call {
  Call() {
    microphone = *pair.alice.connection.add_track(pair.now, {"microphone", MediaKind::Audio}, {});
    camera = *pair.alice.connection.add_track(pair.now, {"camera", MediaKind::Video}, {});
    negotiate(pair, pair.alice);
    BOOST_REQUIRE(run_until_connected(pair));
  }
  double heard() const { return sum(pair.bob, "inbound-rtp", "packetsReceived"); }

  PeerPair pair;
  peer::TransceiverId microphone{0};
  peer::TransceiverId camera{0};
};

BOOST_AUTO_TEST_SUITE(peer_media)

BOOST_AUTO_TEST_CASE(what_one_sends_the_other_receives_and_both_count_the_same) {
  Call call;
  call.pair.run_for(10s);

  BOOST_TEST(sum(call.pair.bob, "inbound-rtp", "framesDecoded") >= 290);
  BOOST_TEST(sum(call.pair.bob, "inbound-rtp", "packetsLost") == 0);
  // What is still on its way is less than a tenth of a second's worth.
  BOOST_TEST(call.heard() <= sum(call.pair.alice, "outbound-rtp", "packetsSent"));
  BOOST_TEST(call.heard() >= sum(call.pair.alice, "outbound-rtp", "packetsSent") - 30);
  BOOST_TEST(sum(call.pair.alice, "remote-inbound-rtp", "packetsLost") == 0);
  BOOST_TEST(sum(call.pair.alice, "remote-inbound-rtp", "roundTripTimeMeasurements") > 0);
  BOOST_TEST(sum(call.pair.alice, "inbound-rtp", "packetsReceived") == 0);
}

BOOST_AUTO_TEST_CASE(a_receivers_track_is_muted_until_rtp_arrives) {
  PeerPair pair;
  static_cast<void>(
      pair.alice.connection.add_track(pair.now, {"microphone", MediaKind::Audio}, {}));
  negotiate(pair, pair.alice);
  BOOST_TEST(pair.bob.connection.transceivers()[0].receiver.muted);

  BOOST_REQUIRE(run_until_connected(pair));
  pair.run_for(1s);

  BOOST_TEST(!pair.bob.connection.transceivers()[0].receiver.muted);
  BOOST_TEST(pair.bob.all<TrackUnmuted>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_for_a_track_that_was_replaced_by_null) {
  Call call;
  call.pair.run_for(1s);
  const auto done =
      call.pair.alice.connection.replace_track(call.pair.now, call.camera, std::nullopt);
  const auto also =
      call.pair.alice.connection.replace_track(call.pair.now, call.microphone, std::nullopt);
  call.pair.drain();
  BOOST_TEST(call.pair.alice.result(done) == "fulfilled");
  BOOST_TEST(call.pair.alice.result(also) == "fulfilled");
  call.pair.run_for(1s);
  const auto before = call.heard();

  call.pair.run_for(3s);

  BOOST_TEST(call.heard() == before);
}

BOOST_AUTO_TEST_CASE(a_stopped_transceiver_says_bye_and_the_other_sides_track_is_muted) {
  Call call;
  call.pair.run_for(1s);

  BOOST_TEST(call.pair.alice.connection.stop(call.pair.now, call.camera).has_value());
  call.pair.run_for(1s);

  BOOST_REQUIRE(call.pair.bob.all<TrackMuted>().size() == 1u);
  BOOST_TEST((call.pair.bob.all<TrackMuted>()[0].transceiver ==
              call.pair.bob.connection.transceivers()[1].id));
}

BOOST_AUTO_TEST_CASE(nothing_but_stun_and_dtls_leaves_before_the_handshake_is_over) {
  Call call;
  const auto& bob = call.pair.bob.connection;
  BOOST_TEST(test::is_connected(call.pair.bob));
  BOOST_TEST(sum(call.pair.bob, "inbound-rtp", "packetsReceived") <= 3);
  BOOST_TEST(bob.stats().all("inbound-rtp").size() <= 2u);
}

BOOST_AUTO_TEST_CASE(the_statistics_have_every_member_that_is_mandatory) {
  Call call;
  call.pair.run_for(8s);
  // W3C webrtc-pc §8.6.
  const auto has = [](const test::Party& party, std::string_view type, std::string_view kind,
                      const std::vector<std::string_view>& members) {
    for (const auto& object : party.connection.stats().stats) {
      if (object.type != type || *object.find("kind") != Value{std::string{kind}}) continue;
      for (const auto member : members)
        BOOST_TEST(object.find(member) != nullptr, type << ' ' << kind << ' ' << member);
      return;
    }
    BOOST_ERROR("no " << type << " of " << kind);
  };
  for (const auto* const kind : {"audio", "video"}) {
    has(call.pair.bob, "inbound-rtp", kind,
        {"ssrc", "kind", "transportId", "codecId", "packetsReceived", "packetsLost", "jitter",
         "trackIdentifier", "remoteId", "nackCount", "bytesReceived", "packetsDiscarded"});
    has(call.pair.bob, "remote-outbound-rtp", kind,
        {"ssrc", "kind", "transportId", "codecId", "packetsSent", "bytesSent", "localId",
         "remoteTimestamp"});
    has(call.pair.alice, "outbound-rtp", kind,
        {"ssrc", "kind", "transportId", "codecId", "packetsSent", "bytesSent", "remoteId",
         "nackCount"});
    has(call.pair.alice, "remote-inbound-rtp", kind,
        {"ssrc", "kind", "transportId", "codecId", "packetsReceived", "packetsLost", "jitter",
         "localId", "roundTripTime"});
    has(call.pair.alice, "media-source", kind, {"trackIdentifier", "kind"});
  }
  has(call.pair.bob, "inbound-rtp", "video", {"framesDecoded", "framesDropped", "framesReceived"});
  has(call.pair.bob, "inbound-rtp", "audio", {"totalAudioEnergy", "totalSamplesDuration"});
  has(call.pair.alice, "outbound-rtp", "video", {"framesEncoded", "framesSent"});
  has(call.pair.alice, "media-source", "audio", {"totalAudioEnergy", "totalSamplesDuration"});
  has(call.pair.alice, "media-source", "video", {"width", "height", "framesPerSecond"});
}

BOOST_AUTO_TEST_CASE(every_id_that_one_object_names_is_in_the_report) {
  Call call;
  call.pair.run_for(8s);
  for (const auto* const party : {&call.pair.alice, &call.pair.bob}) {
    const auto report = party->connection.stats();
    for (const auto& object : report.stats) {
      for (const auto* const reference :
           {"transportId", "codecId", "remoteId", "localId", "mediaSourceId"}) {
        const auto* const id = object.find(reference);
        if (id == nullptr) continue;
        BOOST_TEST(report.find(std::get<std::string>(*id)) != nullptr,
                   object.id << ' ' << reference << ' ' << std::get<std::string>(*id));
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab
