#include "scenarios/live/line.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>
#include <vector>

namespace rtclab::program {
namespace {

namespace data = boost::unit_test::data;

template <class C>
C the_command(std::string_view text) {
  const auto line = parse_line(text);
  BOOST_REQUIRE_MESSAGE(line.has_value(), (line ? "" : line.error().message));
  return std::get<C>(std::get<Request>(*line).command);
}

scenario::Signal the_signal(std::string_view text) {
  const auto line = parse_line(text);
  BOOST_REQUIRE_MESSAGE(line.has_value(), (line ? "" : line.error().message));
  return std::get<scenario::Signal>(*line);
}

BOOST_AUTO_TEST_SUITE(live_line)

BOOST_AUTO_TEST_CASE(a_command_has_its_arguments_and_keeps_its_id) {
  const auto line = parse_line(R"({"command":"createDataChannel","id":{"n":7},"label":"chat",)"
                               R"("init":{"ordered":false,"maxRetransmits":3,"protocol":"p"}})");

  BOOST_REQUIRE(line.has_value());
  const auto& request = std::get<Request>(*line);
  BOOST_TEST(request.id == R"({"n":7})");
  const auto& create = std::get<CreateDataChannel>(request.command);
  BOOST_TEST(create.label == "chat");
  BOOST_TEST(!create.init.ordered);
  BOOST_TEST((create.init.max_retransmits == std::uint16_t{3}));
  BOOST_TEST(create.init.protocol == "p");
}

BOOST_AUTO_TEST_CASE(a_local_description_may_be_left_out) {
  BOOST_TEST(!the_command<SetLocalDescription>(R"({"command":"setLocalDescription"})")
                  .description.has_value());
}

BOOST_AUTO_TEST_CASE(a_rollback_needs_no_sdp) {
  const auto set = the_command<SetLocalDescription>(
      R"({"command":"setLocalDescription","description":{"type":"rollback"}})");

  BOOST_TEST((set.description->type == peer::SdpType::Rollback));
}

BOOST_AUTO_TEST_CASE(the_null_candidate_and_the_empty_one_are_different) {
  const auto null =
      the_command<AddIceCandidate>(R"({"command":"addIceCandidate","candidate":null})");
  const auto empty = the_command<AddIceCandidate>(
      R"({"command":"addIceCandidate","candidate":{"candidate":"","sdpMid":"0"}})");

  BOOST_TEST(!null.candidate.has_value());
  BOOST_REQUIRE(empty.candidate.has_value());
  BOOST_TEST(empty.candidate->candidate.empty());
}

BOOST_AUTO_TEST_CASE(a_message_is_text_or_octets) {
  const auto text = the_command<Send>(R"({"command":"send","channel":"chat","text":"h\u00e9"})");
  const auto octets = the_command<Send>(R"({"command":"send","channel":"chat","hex":"00fF"})");

  BOOST_TEST(std::get<std::string>(text.message) == "h\xc3\xa9");
  BOOST_TEST(to_hex(std::get<Bytes>(octets.message)) == "00ff");
}

BOOST_AUTO_TEST_CASE(a_transceiver_is_asked_for_by_kind_or_with_a_track) {
  const auto by_kind = the_command<AddTransceiver>(
      R"({"command":"addTransceiver","kind":"video","init":{"direction":"sendonly",)"
      R"("streams":["s"],"sendEncodings":[{"rid":"h","maxBitrate":500000},{"rid":"l","active":false}]}})");
  const auto by_track = the_command<AddTransceiver>(
      R"({"command":"addTransceiver","track":{"id":"t","kind":"audio"}})");

  BOOST_TEST((std::get<peer::MediaKind>(by_kind.what) == peer::MediaKind::Video));
  BOOST_TEST((by_kind.init.direction == peer::Direction::SendOnly));
  BOOST_TEST((by_kind.init.streams == std::vector<std::string>{"s"}));
  BOOST_REQUIRE(by_kind.init.send_encodings.size() == 2u);
  BOOST_TEST((by_kind.init.send_encodings[0].max_bitrate == 500000u));
  BOOST_TEST(!by_kind.init.send_encodings[1].active);
  BOOST_TEST(
      (std::get<TrackWishes>(by_track.what) == TrackWishes{"t", peer::MediaKind::Audio, ""}));
}

BOOST_AUTO_TEST_CASE(a_track_with_a_file_needs_neither_id_nor_kind) {
  const auto add = the_command<AddTrack>(R"({"command":"addTrack","track":{"file":"a/clip.ivf"}})");
  const auto replace = the_command<ReplaceTrack>(
      R"({"command":"replaceTrack","transceiver":1,"track":{"id":"t","kind":"video","file":"b.ivf"}})");

  BOOST_TEST((add.track == TrackWishes{"a/clip.ivf", std::nullopt, "a/clip.ivf"}));
  BOOST_TEST((replace.track == TrackWishes{"t", peer::MediaKind::Video, "b.ivf"}));
}

BOOST_AUTO_TEST_CASE(a_sender_goes_by_the_number_of_its_transceiver) {
  const auto replace =
      the_command<ReplaceTrack>(R"({"command":"replaceTrack","transceiver":2,"track":null})");
  const auto prefer = the_command<SetCodecPreferences>(
      R"({"command":"setCodecPreferences","transceiver":3,)"
      R"("codecs":[{"mimeType":"audio/opus","clockRate":48000,"channels":2}]})");

  BOOST_TEST(replace.sender.value() == 2u);
  BOOST_TEST(!replace.track.has_value());
  BOOST_TEST(prefer.transceiver.value() == 3u);
  BOOST_REQUIRE(prefer.codecs.size() == 1u);
  BOOST_TEST(prefer.codecs[0].name == "opus");
  BOOST_TEST(prefer.codecs[0].clock_rate == 48000u);
}

BOOST_AUTO_TEST_CASE(a_configuration_changes_only_what_it_names) {
  const auto set = the_command<SetConfiguration>(
      R"({"command":"setConfiguration","configuration":{"iceServers":[{"urls":["stun:192.0.2.1",)"
      R"("turn:192.0.2.1"],"username":"u","credential":"c"},{"urls":"stun:192.0.2.2"}]}})");

  BOOST_REQUIRE(set.servers.has_value());
  BOOST_REQUIRE(set.servers->size() == 2u);
  BOOST_TEST(set.servers->front().turn.size() == 1u);
  BOOST_TEST(set.servers->front().username == "u");
  BOOST_TEST(set.servers->back().stun.size() == 1u);
  BOOST_TEST(!set.ice_transport_policy.has_value());
}

BOOST_AUTO_TEST_CASE(what_the_other_peer_wrote_is_taken_verbatim) {
  const auto offer = the_signal(R"({"type":"offer","sdp":"v=0\r\n"})");
  const auto end = the_signal(R"({"type":"end-of-candidates","sdpMid":"0"})");

  BOOST_TEST(
      (std::get<peer::Description>(offer) == peer::Description{peer::SdpType::Offer, "v=0\r\n"}));
  BOOST_TEST(std::get<peer::IceCandidateInit>(end).candidate.empty());
}

BOOST_AUTO_TEST_CASE(a_candidate_is_taken_as_a_browser_prints_it) {
  const auto signal = the_signal(
      R"({"candidate":"candidate:1 1 udp 1 192.0.2.1 9 typ host","sdpMid":"0","sdpMLineIndex":0,)"
      R"("usernameFragment":"abcd"})");

  const auto& candidate = std::get<peer::IceCandidateInit>(signal);
  BOOST_TEST(candidate.candidate == "candidate:1 1 udp 1 192.0.2.1 9 typ host");
  BOOST_TEST((candidate.username_fragment == "abcd"));
}

// Recorded from Pion 3.1.56.
BOOST_AUTO_TEST_CASE(an_empty_mid_beside_an_index_is_none) {
  const auto signal = the_signal(
      R"({"type":"candidate","candidate":"candidate:1785526713 1 udp 2130706431 10.77.0.2 36512 typ host",)"
      R"("sdpMid":"","sdpMLineIndex":0})");

  BOOST_TEST(!std::get<peer::IceCandidateInit>(signal).sdp_mid.has_value());
}

BOOST_AUTO_TEST_CASE(the_other_peers_news_are_passed_over_even_when_they_name_a_command) {
  const auto line = parse_line(R"({"event":"done","command":"close"})");

  BOOST_REQUIRE(line.has_value());
  BOOST_TEST(std::holds_alternative<News>(*line));
}

struct BadLine {
  std::string text;
  std::string complaint;  // a part of it
};
std::ostream& operator<<(std::ostream& out, const BadLine& line) {
  return out << line.text;
}

// clang-format off
const std::vector<BadLine> kBadLines{
    {R"({"command":"createOfer"})", "did you mean \"createOffer\""},
    {R"({"command":7})", "\"command\" must be a string"},
    {R"(offer)", "not JSON"},
    {R"({"command":"close")", "not JSON"},
    {R"([1])", "not a JSON object"},
    {R"({})", "expected a member \"command\""},
    {R"({"type":"ofer","sdp":""})", "no description of type \"ofer\""},
    {R"({"type":"offer"})", "\"sdp\" is missing"},
    {R"({"type":"candidate"})", "\"candidate\" is missing"},
    {R"({"candidate":3})", "\"candidate\" must be a string"},
    {R"({"candidate":"c","sdpMLineIndex":70000})", "from 0 to 65535"},
    {R"({"candidate":"c","sdpMLineIndex":-1})", "from 0 to 65535"},
    {R"({"command":"send","channel":"c"})", "either \"text\" or \"hex\""},
    {R"({"command":"send","channel":"c","text":"a","hex":"00"})", "either \"text\" or \"hex\""},
    {R"({"command":"send","channel":"c","hex":"0g"})", "hexadecimal"},
    {R"({"command":"send","text":"a"})", "\"channel\" is missing"},
    {R"({"command":"createDataChannel","labl":"x"})", "did you mean \"label\""},
    {R"({"command":"createDataChannel","label":"x","init":{"orderd":true}})", "did you mean \"ordered\""},
    {R"({"command":"createDataChannel","label":"x","init":[]})", "\"init\" must be an object"},
    {R"({"command":"setRemoteDescription"})", "\"description\" is missing"},
    {R"({"command":"setRemoteDescription","description":{"type":"answer"}})", "\"sdp\" is missing"},
    {R"({"command":"addIceCandidate"})", "\"candidate\" is missing"},
    {R"({"command":"createOffer","options":{"iceRestart":1}})", "must be true or false"},
    {R"({"command":"addTransceiver"})", "either \"kind\" or \"track\""},
    {R"({"command":"addTransceiver","kind":"smell"})", "expected audio or video"},
    {R"({"command":"addTransceiver","kind":"audio","init":{"direction":"up"}})", "no direction \"up\""},
    {R"({"command":"addTransceiver","kind":"audio","init":{"streams":[1]}})", "list of strings"},
    {R"({"command":"addTransceiver","kind":"video","init":{"sendEncodings":[7]}})", "expected a JSON object"},
    {R"({"command":"addTrack","track":{"kind":"audio"}})", "\"id\" is missing"},
    {R"({"command":"removeTrack"})", "\"transceiver\" is missing"},
    {R"({"command":"replaceTrack","transceiver":1})", "\"track\" is missing"},
    {R"({"command":"setDirection","transceiver":1})", "\"direction\" is missing"},
    {R"({"command":"setCodecPreferences","transceiver":1,"codecs":[{"mimeType":"opus"}]})", "no MIME type"},
    {R"({"command":"setConfiguration"})", "\"configuration\" is missing"},
    {R"({"command":"setConfiguration","configuration":{"iceTransportPolicy":"none"}})", "expected all or relay"},
    {R"({"command":"setConfiguration","configuration":{"bundlePolicy":"tight"}})", "max-bundle"},
    {R"({"command":"setConfiguration","configuration":{"iceServers":[{}]}})", "\"urls\" is missing"},
    {R"({"command":"setBufferedAmountLowThreshold","channel":"c"})", "\"octets\" is missing"},
};
// clang-format on

BOOST_DATA_TEST_CASE(what_is_wrong_is_said_in_one_sentence, data::make(kBadLines), bad) {
  const auto line = parse_line(bad.text);

  BOOST_REQUIRE(!line.has_value());
  BOOST_TEST(line.error().message.find(bad.complaint) != std::string::npos, line.error().message);
  BOOST_TEST(line.error().message.find('\n') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_wrong_command_still_gives_its_id_back) {
  const auto line = parse_line(R"({"command":"createOfer","id":"a"})");

  BOOST_REQUIRE(!line.has_value());
  BOOST_TEST(line.error().id == R"("a")");
  BOOST_TEST(line.error().command == "createOfer");
}

BOOST_AUTO_TEST_CASE(a_line_without_end_is_refused) {
  BOOST_TEST(!parse_line(std::string(kLongestLine + 1, '[')).has_value());
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_no_danger) {
  BOOST_TEST(!parse_line(std::string(1'000'000, '[')).has_value());
  BOOST_TEST(!parse_line(std::string(500'000, '[') + std::string(500'000, ']')).has_value());
  const auto id = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  BOOST_TEST(!parse_line(R"({"command":"close","id":)" + id + "}").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::program
