// RTP media of whole connections: two peers, their DTLS keys, their tracks and what each hears.
#include "agents/media/vp8.h"
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

// RFC 7675 §5.1: consent lasts for 30 s; "disconnected" only tells that checks have had no answer.
BOOST_AUTO_TEST_CASE(media_goes_on_while_ice_is_disconnected_and_ends_when_consent_has_run_out) {
  Call call;
  call.pair.run_for(2s);
  const auto sent = [&call] { return sum(call.pair.alice, "outbound-rtp", "packetsSent"); };

  call.pair.cut(true);
  BOOST_REQUIRE(call.pair.run_until([&call] {
    return call.pair.alice.traced("ice:state_changed", "to", "disconnected").has_value();
  }));
  const auto before = sent();
  call.pair.run_for(1s);
  BOOST_TEST(sent() >= before + 50);

  call.pair.run_for(30s);
  const auto after = sent();
  call.pair.run_for(2s);
  BOOST_TEST(sent() == after);
}

// RFC 3264 §5.1: the answerer sends as soon as it has answered.
BOOST_AUTO_TEST_CASE(who_has_offered_receives_before_the_answer_is_there) {
  Call call;
  auto& alice = call.pair.alice;
  auto& bob = call.pair.bob;
  call.pair.run_for(1s);
  static_cast<void>(
      bob.connection.add_track(call.pair.now, {"his-microphone", MediaKind::Audio}, {}));
  static_cast<void>(bob.connection.add_track(call.pair.now, {"his-camera", MediaKind::Video}, {}));

  call.pair.set_local(alice);
  call.pair.set_remote(bob, *alice.connection.pending_local_description());
  call.pair.set_local(bob);
  call.pair.run_for(1s);

  BOOST_TEST(sum(alice, "inbound-rtp", "framesDecoded") >= 25);
  BOOST_TEST(sum(alice, "inbound-rtp", "packetsReceived") >= 75);
  call.pair.set_remote(alice, *bob.connection.current_local_description());
  call.pair.run_for(1s);
  BOOST_TEST(sum(alice, "inbound-rtp", "packetsLost") == 0);
}

// RFC 3264 §8.3.2: "for a brief time".
BOOST_AUTO_TEST_CASE(what_an_answer_has_left_out_is_received_until_the_offerer_has_it) {
  Call call;
  auto& alice = call.pair.alice;
  auto& bob = call.pair.bob;
  call.pair.run_for(1s);
  std::vector<peer::Codec> only_h264;
  for (const auto& codec : peer::default_codecs(MediaKind::Video)) {
    if (codec.name == "H264" || codec.name == "rtx") only_h264.push_back(codec);
  }
  BOOST_REQUIRE(
      alice.connection.set_codec_preferences(call.pair.now, call.camera, only_h264).has_value());

  call.pair.set_local(alice);
  call.pair.set_remote(bob, *alice.connection.pending_local_description());
  call.pair.set_local(bob);
  const auto before = sum(bob, "inbound-rtp", "framesDecoded");
  call.pair.run_for(1s);
  BOOST_TEST(sum(bob, "inbound-rtp", "framesDecoded") >= before + 25);
  call.pair.set_remote(alice, *bob.connection.current_local_description());
  call.pair.run_for(1s);

  BOOST_TEST(sum(bob, "inbound-rtp", "framesDecoded") >= before + 55);
  BOOST_TEST(sum(bob, "inbound-rtp", "framesDropped") == 0);
  BOOST_TEST(sum(bob, "inbound-rtp", "pliCount") == 0);
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

// The SSRCs and their cname, as the description of a party names them.
std::vector<std::string> signalled(const test::Party& party) {
  const auto description = test::parsed(*party.connection.local_description());
  std::vector<std::string> lines;
  for (const auto& section : description.sections) {
    for (const auto* const name : {"ssrc-group", "ssrc"}) {
      for (const auto line : section.attributes(name)) lines.emplace_back(line);
    }
  }
  return lines;
}

std::string text_of(const peer::Stats& object, std::string_view member) {
  return std::to_string(std::get<std::uint64_t>(*object.find(member)));
}

// RFC 5576 §4, where it is asked for.
BOOST_AUTO_TEST_CASE(what_descriptions_name_as_sources_is_what_is_sent) {
  test::PairOptions options;
  options.alice.signals_sources = options.bob.signals_sources = true;
  PeerPair pair{options};
  for (auto* const party : {&pair.alice, &pair.bob}) {
    static_cast<void>(
        party->connection.add_track(pair.now, {party->name + " speaks", MediaKind::Audio}, {}));
    static_cast<void>(
        party->connection.add_track(pair.now, {party->name + " shows", MediaKind::Video}, {}));
  }
  negotiate(pair, pair.alice);
  BOOST_REQUIRE(run_until_connected(pair));
  pair.run_for(3s);

  for (const auto* const party : {&pair.alice, &pair.bob}) {
    std::vector<std::string> sent;
    const auto report = party->connection.stats();
    for (const auto* const outbound : report.all("outbound-rtp")) {
      BOOST_TEST(std::get<std::uint64_t>(*outbound->find("packetsSent")) > 50u);
      const auto ssrc = text_of(*outbound, "ssrc");
      const bool video = *outbound->find("kind") == Value{std::string{"video"}};
      if (video) sent.push_back("FID " + ssrc + ' ' + text_of(*outbound, "rtxSsrc"));
      sent.push_back(ssrc);
      if (video) sent.push_back(text_of(*outbound, "rtxSsrc"));
    }
    auto named = signalled(*party);
    for (auto& line : named) {
      if (!line.starts_with("FID")) line.resize(line.find(" cname:"));
    }
    BOOST_TEST(named == sent, boost::test_tools::per_element());
    BOOST_TEST(sum(pair.other(*party), "inbound-rtp", "packetsReceived") > 100);
  }
}

// RFC 9429 §5.2.1 wants none.
BOOST_AUTO_TEST_CASE(no_source_is_named_unless_it_is_asked_for) {
  Call call;
  BOOST_TEST(signalled(call.pair.alice).empty());
}

// RFC 8853 §5.5: layers are told apart by their rids.
BOOST_AUTO_TEST_CASE(simulcast_names_no_sources) {
  test::PairOptions options;
  options.alice.signals_sources = true;
  PeerPair pair{options};
  static_cast<void>(pair.alice.connection.add_transceiver(
      pair.now, {"camera", MediaKind::Video}, {.send_encodings = {{.rid = "h"}, {.rid = "l"}}}));
  pair.set_local(pair.alice);

  BOOST_TEST(signalled(pair.alice).empty());
}

// RFC 9429 §5.11.
BOOST_AUTO_TEST_CASE(the_others_bandwidth_line_limits_what_is_sent) {
  const auto rate = [](const char* bandwidth, const char* in_session = "") {
    PeerPair pair;
    static_cast<void>(pair.alice.connection.add_track(pair.now, {"camera", MediaKind::Video}, {}));
    pair.set_local(pair.alice);
    pair.set_remote(pair.bob, *pair.alice.connection.pending_local_description());
    pair.set_local(pair.bob);
    auto answer = *pair.bob.connection.current_local_description();
    const auto connection = answer.sdp.find("a=mid");
    answer.sdp.insert(connection, bandwidth);
    answer.sdp.insert(answer.sdp.find("t=0 0"), in_session);
    pair.set_remote(pair.alice, answer);
    BOOST_REQUIRE(run_until_connected(pair));
    pair.run_for(10s);
    return sum(pair.alice, "outbound-rtp", "bytesSent") * 8 / 10;
  };

  BOOST_TEST(rate("") > 250'000);
  BOOST_TEST(rate("b=TIAS:150000\r\n") < 150'000);
  BOOST_TEST(rate("b=TIAS:150000\r\n") > 90'000);
  BOOST_TEST(rate("b=AS:0\r\n") == 0);
  BOOST_TEST(rate("", "b=CT:150\r\n") < 150'000);
  BOOST_TEST(rate("", "b=CT:150\r\n") > 90'000);
  BOOST_TEST(rate("", "b=AS:1\r\n") > 250'000);
}

BOOST_AUTO_TEST_CASE(a_recording_is_played_and_its_frames_arrive_whole) {
  auto clip = std::make_shared<media::Clip>();
  clip->codec = "VP8";
  for (std::size_t i = 0; i < 30; ++i) {
    media::ClipFrame frame{.duration = 100ms, .key = i % 10 == 0, .width = 64, .height = 48};
    media::vp8::begin_frame(frame.payload, {.key = frame.key, .width = 64, .height = 48});
    frame.payload.resize(2000, std::byte{7});
    clip->frames.push_back(std::move(frame));
  }
  PeerPair pair;
  static_cast<void>(pair.alice.connection.add_track(
      pair.now, {"camera", MediaKind::Video, peer::Recording{clip}}, {}));
  negotiate(pair, pair.alice);
  BOOST_REQUIRE(run_until_connected(pair));
  pair.run_for(10s);

  // Ten frames a second, of two packets each.
  BOOST_TEST(sum(pair.bob, "inbound-rtp", "framesDecoded") >= 95);
  BOOST_TEST(sum(pair.bob, "inbound-rtp", "framesDecoded") <= 101);
  BOOST_TEST(sum(pair.bob, "inbound-rtp", "frameWidth") == 64);
  BOOST_TEST(sum(pair.alice, "outbound-rtp", "packetsSent") ==
             2 * sum(pair.alice, "outbound-rtp", "framesSent"));
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
