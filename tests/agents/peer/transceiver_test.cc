#include "tests/agents/peer/negotiated.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace rtclab::peer {
namespace {

using namespace std::chrono_literals;
namespace data = boost::unit_test::data;
using test::negotiate;
using test::outline;
using test::parsed;
using test::PeerPair;
const auto per_element = boost::test_tools::per_element();
using Lines = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(peer_transceiver)

BOOST_AUTO_TEST_CASE(an_offer_has_a_section_for_each_transceiver_in_their_order_and_data_last) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  static_cast<void>(alice.create_data_channel(pair.now, "chat"));
  static_cast<void>(alice.add_transceiver(pair.now, MediaKind::Video));
  static_cast<void>(
      alice.add_transceiver(pair.now, MediaKind::Audio, {.direction = Direction::RecvOnly}));

  const auto offer = pair.offer(pair.alice);

  BOOST_TEST(
      outline(offer) == (Lines{"video 9 sendrecv own transport", "audio 9 recvonly own transport",
                               "application 9 own transport"}),
      per_element);
  BOOST_TEST(parsed(offer).bundle() == (Lines{"0", "1", "2"}), per_element);
}

BOOST_AUTO_TEST_CASE(creating_an_offer_associates_nothing_and_setting_it_does) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto id = *alice.add_transceiver(pair.now, MediaKind::Audio);

  const auto offer = pair.offer(pair.alice);
  BOOST_TEST(!alice.transceiver(id)->mid.has_value());
  pair.set_local(pair.alice, offer);

  BOOST_TEST(alice.transceiver(id)->mid.value() == "0");
  BOOST_TEST(!alice.transceiver(id)->current_direction.has_value());
}

BOOST_AUTO_TEST_CASE(the_peer_gets_a_transceiver_that_only_receives_and_a_track_event) {
  PeerPair pair;
  static_cast<void>(pair.alice.connection.add_track(pair.now, {"mic", MediaKind::Audio}, {"s1"}));
  pair.set_local(pair.alice);

  pair.set_remote(pair.bob, *pair.alice.connection.local_description());

  const auto all = pair.bob.connection.transceivers();
  BOOST_REQUIRE(all.size() == 1u);
  BOOST_TEST(to_string(all[0].direction) == "recvonly");
  BOOST_TEST(all[0].mid.value() == "0");
  BOOST_TEST(!all[0].current_direction.has_value());
  BOOST_TEST(all[0].receiver.streams == Lines{"s1"}, per_element);
  const auto tracks = pair.bob.all<TrackEvent>();
  BOOST_REQUIRE(tracks.size() == 1u);
  BOOST_TEST((tracks[0].transceiver == all[0].id));
  BOOST_TEST(tracks[0].streams == Lines{"s1"}, per_element);
  BOOST_TEST(
      test::events_of(pair.bob) ==
          (Lines{"signaling have-remote-offer", "peer:stream_addtrack", "peer:track", "fulfilled"}),
      per_element);
}

BOOST_AUTO_TEST_CASE(the_answer_makes_directions_current_on_both_sides) {
  PeerPair pair;
  const auto a = *pair.alice.connection.add_transceiver(pair.now, MediaKind::Audio);

  negotiate(pair, pair.alice);

  BOOST_TEST(to_string(*pair.alice.connection.transceiver(a)->current_direction) == "sendonly");
  BOOST_TEST(to_string(*pair.bob.connection.transceivers()[0].current_direction) == "recvonly");
  BOOST_TEST(to_string(pair.alice.connection.transceiver(a)->direction) == "sendrecv");
}

BOOST_AUTO_TEST_CASE(a_track_that_was_added_before_the_offer_came_goes_to_its_section) {
  PeerPair pair;
  static_cast<void>(pair.alice.connection.add_transceiver(pair.now, MediaKind::Audio));
  const auto by_track = *pair.bob.connection.add_track(pair.now, {"mic", MediaKind::Audio});

  negotiate(pair, pair.alice);

  BOOST_TEST(pair.bob.connection.transceivers().size() == 1u);
  BOOST_TEST(to_string(*pair.bob.connection.transceiver(by_track)->current_direction) ==
             "sendrecv");
}

BOOST_AUTO_TEST_CASE(a_transceiver_of_addtransceiver_waits_for_an_offer_of_its_own) {
  PeerPair pair;
  static_cast<void>(pair.alice.connection.add_transceiver(pair.now, MediaKind::Audio));
  const auto own = *pair.bob.connection.add_transceiver(pair.now, MediaKind::Audio);

  negotiate(pair, pair.alice);

  BOOST_TEST(pair.bob.connection.transceivers().size() == 2u);
  BOOST_TEST(!pair.bob.connection.transceiver(own)->mid.has_value());
  BOOST_TEST(pair.bob.all<NegotiationNeeded>().size() == 2u);  // before, and again after
}

// --- addTrack and removeTrack ---

BOOST_AUTO_TEST_CASE(addtrack_takes_up_a_sender_that_has_never_sent) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto idle =
      *alice.add_transceiver(pair.now, MediaKind::Audio, {.direction = Direction::RecvOnly});

  const auto sender = *alice.add_track(pair.now, {"mic", MediaKind::Audio});

  BOOST_TEST((sender == idle));
  BOOST_TEST(to_string(alice.transceiver(idle)->direction) == "sendrecv");
  BOOST_TEST(alice.transceiver(idle)->sender.track.value() == "mic");
}

BOOST_AUTO_TEST_CASE(a_sender_that_has_sent_is_not_taken_up_again) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto first = *alice.add_track(pair.now, {"mic", MediaKind::Audio});
  negotiate(pair, pair.alice);
  BOOST_TEST(alice.remove_track(pair.now, first).has_value());

  const auto second = *alice.add_track(pair.now, {"other", MediaKind::Audio});

  BOOST_TEST((second != first));
}

BOOST_AUTO_TEST_CASE(one_track_has_one_sender) {
  PeerPair pair;
  static_cast<void>(pair.alice.connection.add_track(pair.now, {"mic", MediaKind::Audio}));

  const auto again = pair.alice.connection.add_track(pair.now, {"mic", MediaKind::Audio});

  BOOST_TEST(again.error().name == "InvalidAccessError");
}

BOOST_AUTO_TEST_CASE(a_removed_track_leaves_the_streams_of_the_peer) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto sender = *alice.add_track(pair.now, {"mic", MediaKind::Audio}, {"s1"});
  negotiate(pair, pair.alice);

  BOOST_TEST(alice.remove_track(pair.now, sender).has_value());
  BOOST_TEST(to_string(alice.transceiver(sender)->direction) == "recvonly");
  negotiate(pair, pair.alice);

  const auto removed = pair.bob.all<StreamTrackRemoved>();
  BOOST_REQUIRE(removed.size() == 1u);
  BOOST_TEST(removed[0].stream == "s1");
  BOOST_TEST(pair.bob.connection.transceivers()[0].receiver.streams.empty());
  BOOST_TEST(to_string(*alice.transceiver(sender)->current_direction) == "inactive");
}

BOOST_AUTO_TEST_CASE(a_track_is_replaced_without_negotiation_and_only_by_one_of_its_kind) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto sender = *alice.add_track(pair.now, {"mic", MediaKind::Audio});
  negotiate(pair, pair.alice);
  const auto needed = pair.alice.all<NegotiationNeeded>().size();

  const auto good = alice.replace_track(pair.now, sender, MediaTrack{"other", MediaKind::Audio});
  const auto bad = alice.replace_track(pair.now, sender, MediaTrack{"cam", MediaKind::Video});
  pair.drain();

  BOOST_TEST(pair.alice.result(good) == "fulfilled");
  BOOST_TEST(pair.alice.result(bad) == "TypeError");
  BOOST_TEST(alice.transceiver(sender)->sender.track.value() == "other");
  BOOST_TEST(pair.alice.all<NegotiationNeeded>().size() == needed);
}

// --- stop, rejection, recycling ---

BOOST_AUTO_TEST_CASE(a_stopped_transceiver_is_rejected_and_gone_once_that_is_answered) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto audio = *alice.add_transceiver(pair.now, MediaKind::Audio);
  static_cast<void>(alice.add_transceiver(pair.now, MediaKind::Video));
  negotiate(pair, pair.alice);

  BOOST_TEST(alice.stop(pair.now, audio).has_value());
  BOOST_TEST(to_string(alice.transceiver(audio)->direction) == "stopped");
  BOOST_TEST(to_string(*alice.transceiver(audio)->current_direction) == "sendonly");
  pair.set_local(pair.alice);
  BOOST_TEST(outline(*alice.local_description())[0] == "audio 0");
  BOOST_TEST(parsed(*alice.local_description()).bundle() == Lines{"1"}, per_element);
  pair.set_remote(pair.bob, *alice.local_description());
  pair.set_local(pair.bob);
  pair.set_remote(pair.alice, *pair.bob.connection.local_description());

  BOOST_TEST(!alice.transceiver(audio).has_value());
  BOOST_TEST(alice.transceivers().size() == 1u);
  BOOST_TEST(pair.bob.connection.transceivers().size() == 1u);
  BOOST_TEST(pair.bob.all<TrackEnded>().size() == 1u);
  BOOST_TEST(outline(*pair.bob.connection.local_description())[0] == "audio 0");
}

BOOST_AUTO_TEST_CASE(a_rejected_section_is_used_again_under_another_mid) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto audio = *alice.add_transceiver(pair.now, MediaKind::Audio);
  static_cast<void>(alice.add_transceiver(pair.now, MediaKind::Video));
  negotiate(pair, pair.alice);
  static_cast<void>(alice.stop(pair.now, audio));
  negotiate(pair, pair.alice);

  const auto second = *alice.add_transceiver(pair.now, MediaKind::Video);
  negotiate(pair, pair.alice);

  const auto sdp = parsed(*alice.local_description());
  BOOST_REQUIRE(sdp.sections.size() == 2u);
  BOOST_TEST(sdp.section(0).media().kind == "video");
  BOOST_TEST(sdp.section(0).mid().value() == alice.transceiver(second)->mid.value());
  BOOST_TEST(sdp.section(0).mid().value() != "0");
  BOOST_TEST(pair.bob.connection.transceivers().size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_answerer_may_reuse_what_the_offerer_rejected) {
  PeerPair pair;
  const auto audio = *pair.alice.connection.add_transceiver(pair.now, MediaKind::Audio);
  static_cast<void>(pair.alice.connection.create_data_channel(pair.now, "chat"));
  negotiate(pair, pair.alice);
  static_cast<void>(pair.alice.connection.stop(pair.now, audio));
  negotiate(pair, pair.alice);

  static_cast<void>(pair.bob.connection.add_track(pair.now, {"cam", MediaKind::Video}));
  negotiate(pair, pair.bob);

  BOOST_TEST(parsed(*pair.bob.connection.local_description()).sections.size() == 2u);
  BOOST_TEST(pair.alice.connection.transceivers().size() == 1u);
  BOOST_TEST(to_string(*pair.alice.connection.transceivers()[0].current_direction) == "recvonly");
}

BOOST_AUTO_TEST_CASE(a_transceiver_that_was_stopped_before_any_offer_leaves_no_section) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto audio = *alice.add_transceiver(pair.now, MediaKind::Audio);
  static_cast<void>(alice.add_transceiver(pair.now, MediaKind::Video));
  static_cast<void>(alice.stop(pair.now, audio));

  BOOST_TEST(outline(pair.offer(pair.alice)) == Lines{"video 9 sendrecv own transport"},
             per_element);
}

// By the letter of W3C webrtc-pc §4.7.3 it would call for one negotiation after the other.
BOOST_AUTO_TEST_CASE(what_was_stopped_before_any_offer_is_settled_by_the_next_answer) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto audio = *alice.add_transceiver(pair.now, MediaKind::Audio);
  static_cast<void>(alice.add_transceiver(pair.now, MediaKind::Video));
  static_cast<void>(alice.stop(pair.now, audio));
  pair.drain();
  BOOST_TEST(pair.alice.all<NegotiationNeeded>().size() == 1u);

  negotiate(pair, pair.alice);

  BOOST_TEST(!alice.transceiver(audio).has_value());
  BOOST_TEST(alice.transceivers().size() == 1u);
  BOOST_TEST(pair.alice.all<NegotiationNeeded>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_track_cannot_be_replaced_where_there_never_was_a_transceiver) {
  PeerPair pair;
  for (const auto unknown : {TransceiverId{0}, TransceiverId{77}}) {
    const auto id = pair.alice.connection.replace_track(pair.now, unknown, std::nullopt);
    pair.drain();

    const auto& error = std::get<Error>(pair.alice.outcome(id));
    BOOST_TEST(error.name == "InvalidAccessError");
    BOOST_TEST(error.message == "this connection has no such transceiver");
  }
}

BOOST_AUTO_TEST_CASE(sections_keep_their_place_and_mid_over_offers_of_both_sides) {
  PeerPair pair;
  static_cast<void>(pair.alice.connection.add_transceiver(pair.now, MediaKind::Audio));
  negotiate(pair, pair.alice);
  static_cast<void>(pair.bob.connection.add_transceiver(pair.now, MediaKind::Video));
  negotiate(pair, pair.bob);
  static_cast<void>(pair.alice.connection.create_data_channel(pair.now, "chat"));
  negotiate(pair, pair.alice);

  Lines kinds;
  const auto sdp = parsed(*pair.alice.connection.local_description());
  for (std::size_t i = 0; i < sdp.sections.size(); ++i)
    kinds.push_back(sdp.section(i).media().kind + ' ' + *sdp.section(i).mid());
  BOOST_TEST(kinds == (Lines{"audio 0", "video 1", "application 2"}), per_element);
}

// --- errors ---

struct BadInit {
  const char* why;
  TransceiverInit init;
  const char* error;
  friend std::ostream& operator<<(std::ostream& out, const BadInit& row) { return out << row.why; }
};
const std::vector<BadInit> kBadInits{
    {"stopped", {.direction = Direction::Stopped}, "TypeError"},
    {"some rids", {.send_encodings = {{.rid = "a"}, {}}}, "TypeError"},
    {"a rid twice", {.send_encodings = {{.rid = "a"}, {.rid = "a"}}}, "TypeError"},
    {"no rid", {.send_encodings = {{.rid = "a b"}}}, "TypeError"},
    {"enlarged", {.send_encodings = {{.scale_resolution_down_by = 0.5}}}, "RangeError"},
    {"no frames", {.send_encodings = {{.max_framerate = 0.0}}}, "RangeError"},
};

BOOST_DATA_TEST_CASE(bad_transceivers_are_refused_by_name, data::make(kBadInits), row) {
  PeerPair pair;

  const auto added = pair.alice.connection.add_transceiver(pair.now, MediaKind::Video, row.init);

  BOOST_REQUIRE(!added.has_value());
  BOOST_TEST(added.error().name == row.error);
}

BOOST_AUTO_TEST_CASE(encodings_without_scale_get_one_from_small_to_large) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto id = *alice.add_transceiver(
      pair.now, MediaKind::Video,
      {.send_encodings = {{.rid = "q"}, {.rid = "h"}, {.rid = "f"}, {.rid = "x"}}});

  const auto encodings = alice.transceiver(id)->sender.encodings;
  BOOST_REQUIRE(encodings.size() == 3u);  // more than browsers send are trimmed
  BOOST_TEST(*encodings[0].scale_resolution_down_by == 4.0);
  BOOST_TEST(*encodings[2].scale_resolution_down_by == 1.0);
  BOOST_TEST(pair.offer(pair.alice).sdp.find("a=simulcast:send q;h;f") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_answer_without_simulcast_leaves_one_encoding) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto id = *alice.add_transceiver(pair.now, MediaKind::Video,
                                         {.send_encodings = {{.rid = "q"}, {.rid = "f"}}});

  negotiate(pair, pair.alice);

  BOOST_TEST(alice.transceiver(id)->sender.encodings.size() == 1u);
}

BOOST_AUTO_TEST_CASE(directions_are_set_and_refused_by_name) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto id = *alice.add_transceiver(pair.now, MediaKind::Audio);

  BOOST_TEST(alice.set_direction(pair.now, id, Direction::Inactive).has_value());
  BOOST_TEST(alice.set_direction(pair.now, id, Direction::Stopped).error().name == "TypeError");
  static_cast<void>(alice.stop(pair.now, id));
  BOOST_TEST(alice.set_direction(pair.now, id, Direction::SendRecv).error().name ==
             "InvalidStateError");
  alice.close(pair.now);
  BOOST_TEST(alice.add_transceiver(pair.now, MediaKind::Audio).error().name == "InvalidStateError");
  BOOST_TEST(alice.add_track(pair.now, {"m", MediaKind::Audio}).error().name ==
             "InvalidStateError");
  BOOST_TEST(alice.stop(pair.now, id).error().name == "InvalidStateError");
}

BOOST_AUTO_TEST_CASE(codec_preferences_order_the_offer_and_unknown_codecs_are_refused) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto id = *alice.add_transceiver(pair.now, MediaKind::Audio);

  BOOST_TEST(alice.set_codec_preferences(pair.now, id, {{.name = "nonsense", .clock_rate = 1}})
                 .error()
                 .name == "InvalidModificationError");
  BOOST_TEST(alice.set_codec_preferences(pair.now, id, {{.name = "PCMA", .clock_rate = 8000}})
                 .has_value());

  BOOST_TEST(parsed(pair.offer(pair.alice)).section(0).media().formats == Lines{"8"}, per_element);
}

BOOST_AUTO_TEST_CASE(a_section_without_a_common_codec_is_rejected_and_its_transceiver_goes) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto audio = *alice.add_transceiver(pair.now, MediaKind::Audio);
  static_cast<void>(
      alice.set_codec_preferences(pair.now, audio, {{.name = "PCMA", .clock_rate = 8000}}));
  static_cast<void>(alice.create_data_channel(pair.now, "chat"));
  auto offer = pair.offer(pair.alice);
  pair.set_local(pair.alice, offer);
  for (auto at = offer.sdp.find("PCMA"); at != std::string::npos; at = offer.sdp.find("PCMA"))
    offer.sdp.replace(at, 4, "XYZA");
  const auto line = offer.sdp.find("SAVPF 8\r\n");
  BOOST_REQUIRE(line != std::string::npos);
  offer.sdp.replace(line, 7, "SAVPF 96");
  const auto map = offer.sdp.find("a=rtpmap:8 ");
  BOOST_REQUIRE(map != std::string::npos);
  offer.sdp.replace(map, 11, "a=rtpmap:96 ");
  pair.set_remote(pair.bob, offer);

  const auto answer = pair.answer(pair.bob);
  BOOST_TEST(outline(answer) == (Lines{"audio 0", "application 9 own transport"}), per_element);
  BOOST_TEST(parsed(answer).bundle() == Lines{"1"}, per_element);
  pair.set_local(pair.bob, answer);
  pair.set_remote(pair.alice, answer);

  BOOST_TEST(pair.bob.connection.transceivers().empty());
  BOOST_TEST(alice.transceivers().empty());
  BOOST_TEST(test::run_until_connected(pair));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
