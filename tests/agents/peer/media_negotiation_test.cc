#include "agents/peer/media_negotiation.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::peer {
namespace {

namespace data = boost::unit_test::data;
using sdp::Direction;
using sdp::PayloadType;

const auto kAudio = default_capabilities(MediaKind::Audio);
const auto kVideo = default_capabilities(MediaKind::Video);

Codec video(std::string name, std::string parameters = {}, std::vector<std::string> feedback = {}) {
  return {.name = std::move(name),
          .clock_rate = 90000,
          .parameters = std::move(parameters),
          .feedback = std::move(feedback)};
}

MediaCapabilities only(std::vector<Codec> codecs) {
  return {.codecs = std::move(codecs), .header_extensions = kVideo.header_extensions};
}

MediaWishes wishes(MediaKind kind, Direction direction = Direction::SendRecv) {
  return {.kind = kind, .direction = direction, .streams = {"s"}};
}

// "96 VP8, 97 rtx 96"
std::string formats(const MediaSection& media) {
  std::string text;
  for (const auto& format : media.formats) {
    if (!text.empty()) text += ", ";
    text += to_string(format.type) + ' ' + format.codec.name;
    for (const auto type : format.carries) text += ' ' + to_string(type);
  }
  return text;
}

std::string extensions(const std::vector<sdp::ExtMap>& maps) {
  std::string text;
  for (const auto& map : maps) text += (text.empty() ? "" : ", ") + map.to_string();
  return text;
}

// One peer: its capabilities and what it knows of the session.
struct Side {
  MediaCapabilities capabilities;
  MediaBindings bindings{};

  MediaSection offer(const MediaWishes& wanted, const std::optional<MediaSection>& previous = {}) {
    auto media = offer_media(wanted, capabilities, previous, bindings);
    bindings.note(media);
    return media;
  }
  std::optional<MediaSection> answer(const MediaSection& offered, const MediaWishes& wanted) {
    bindings.note(offered);
    return answer_media(offered, wanted, capabilities, bindings);
  }
};

MediaSection answered(const MediaSection& offered, const MediaCapabilities& capabilities,
                      const MediaWishes& wanted) {
  Side side{capabilities};
  const auto answer = side.answer(offered, wanted);
  BOOST_REQUIRE(answer.has_value());
  return *answer;
}

MediaSection video_offer(std::vector<Format> list) {
  MediaSection media{.kind = MediaKind::Video};
  media.formats = std::move(list);
  return media;
}

BOOST_AUTO_TEST_SUITE(media_negotiation)

BOOST_AUTO_TEST_SUITE(offers)

BOOST_AUTO_TEST_CASE(each_media_codec_has_its_rtx_behind_the_codecs) {
  Side side{only({video("VP8"), video("VP9", "profile-id=0"), video("rtx"), video("ulpfec")})};

  BOOST_TEST(formats(side.offer(wishes(MediaKind::Video))) ==
             "96 VP8, 97 VP9, 99 rtx 96, 100 rtx 97, 98 ulpfec");
}

// libwebrtc sends VP8 in red where both have it, and answers a NACK only by an rtx of red.
BOOST_AUTO_TEST_CASE(red_of_video_has_its_rtx_too) {
  Side side{only({video("VP8"), video("rtx"), video("red"), video("ulpfec")})};

  BOOST_TEST(formats(side.offer(wishes(MediaKind::Video))) ==
             "96 VP8, 99 rtx 96, 100 rtx 97, 97 red, 98 ulpfec");
}

BOOST_AUTO_TEST_CASE(static_payload_types_are_used_and_red_names_what_it_carries) {
  Side side{kAudio};

  BOOST_TEST(formats(side.offer(wishes(MediaKind::Audio))) ==
             "96 opus, 99 red 96 96, 9 G722, 0 PCMU, 8 PCMA, 13 CN, 97 telephone-event, "
             "98 telephone-event");
}

// RFC 9143 §9.1.1, RFC 5761 §4.
BOOST_AUTO_TEST_CASE(no_payload_type_means_two_codecs_in_a_group_nor_looks_like_rtcp) {
  Side audio{kAudio};
  const auto first = audio.offer(wishes(MediaKind::Audio));
  Side side{kVideo, audio.bindings};
  const auto second = side.offer(wishes(MediaKind::Video));
  const auto third = side.offer(wishes(MediaKind::Video));

  BOOST_TEST(!check_bundled(std::vector{first, second, third}).has_value());
  BOOST_TEST((second.formats == third.formats));
  for (const auto& format : second.formats) {
    const auto type = format.type.value();
    BOOST_TEST((type < 64 || type > 95));
  }
}

// Our offer and the peer's crossed, and both used 96: ours was rolled back, theirs was negotiated.
BOOST_AUTO_TEST_CASE(a_number_that_got_a_second_meaning_stays_where_it_was_negotiated) {
  Side side{only({{"opus", 48000, 2}})};
  side.offer(wishes(MediaKind::Audio));
  const auto theirs = video_offer({{PayloadType{96}, video("VP8")}});
  side.capabilities = only({video("VP8")});
  const auto answer = side.answer(theirs, wishes(MediaKind::Video)).value();
  side.bindings.note(answer);

  const auto again = side.offer(wishes(MediaKind::Video), answer);
  side.capabilities = only({{"opus", 48000, 2}});
  const auto audio = side.offer(wishes(MediaKind::Audio));

  BOOST_TEST(formats(again) == "96 VP8");
  BOOST_TEST(formats(audio) == "97 opus");
}

BOOST_AUTO_TEST_CASE(a_codec_that_finds_no_free_payload_type_is_left_out) {
  std::vector<Codec> codecs;
  for (int i = 0; i < 70; ++i) codecs.push_back(video("X" + std::to_string(i)));
  Side side{only(codecs)};

  const auto media = side.offer(wishes(MediaKind::Video));

  BOOST_TEST(media.formats.size() == 32u + 29u);
  BOOST_TEST(media.formats.front().type.value() == 96u);
  BOOST_TEST(media.formats.back().type.value() == 63u);
}

BOOST_AUTO_TEST_CASE(preferences_say_which_codecs_and_in_which_order) {
  Side side{kVideo};
  auto wanted = wishes(MediaKind::Video);
  wanted.codec_preferences = {
      video("H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
      video("rtx"), video("VP8")};

  BOOST_TEST(formats(side.offer(wanted)) == "96 H264, 98 rtx 96, 99 rtx 97, 97 VP8");
}

// RFC 9429 §5.2.2.
BOOST_AUTO_TEST_CASE(a_later_offer_has_the_order_and_payload_types_of_the_latest_answer) {
  Side side{only({video("VP8"), video("VP9"), video("AV1"), video("rtx")})};
  const auto offer = side.offer(wishes(MediaKind::Video));
  const auto answer =
      answered(offer, only({video("VP9"), video("VP8"), video("rtx")}),
               {.kind = MediaKind::Video, .codec_preferences = {video("VP9"), video("VP8")}});
  BOOST_REQUIRE(formats(answer) == "97 VP9, 96 VP8");

  BOOST_TEST(formats(side.offer(wishes(MediaKind::Video), answer)) ==
             "97 VP9, 96 VP8, 98 AV1, 99 rtx 96, 100 rtx 97, 101 rtx 98");
}

BOOST_AUTO_TEST_CASE(extension_ids_are_one_for_all_sections_and_stay) {
  Side side{{.codecs = {{"opus", 48000, 2}},
             .header_extensions = {{std::string{extension::kMid}},
                                   {std::string{extension::kAudioLevel}, Direction::SendOnly}}}};
  const auto audio = side.offer(wishes(MediaKind::Audio));
  side.capabilities = only({video("VP8")});
  side.capabilities.header_extensions = {{std::string{extension::kRid}},
                                         {std::string{extension::kMid}}};
  const auto first = side.offer(wishes(MediaKind::Video));

  BOOST_TEST(extensions(audio.header_extensions) ==
             "1 urn:ietf:params:rtp-hdrext:sdes:mid, 2/sendonly "
             "urn:ietf:params:rtp-hdrext:ssrc-audio-level");
  BOOST_TEST(extensions(first.header_extensions) ==
             "3 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id, 1 "
             "urn:ietf:params:rtp-hdrext:sdes:mid");
}

// RFC 8285 §4.2: 15 is no id, and above it only the two-byte form has room.
BOOST_AUTO_TEST_CASE(ids_above_14_need_both_forms) {
  auto capabilities = only({video("VP8")});
  capabilities.header_extensions.clear();
  for (int i = 0; i < 20; ++i)
    capabilities.header_extensions.push_back({"urn:" + std::to_string(i)});
  Side mixed{capabilities};
  capabilities.extmap_allow_mixed = false;
  Side plain{capabilities};

  const auto many = mixed.offer(wishes(MediaKind::Video)).header_extensions;
  const auto few = plain.offer(wishes(MediaKind::Video)).header_extensions;

  BOOST_TEST(many.size() == 20u);
  BOOST_TEST(many[13].id == 14u);
  BOOST_TEST(many[14].id == 16u);
  BOOST_TEST(few.size() == 14u);
}

// RFC 9429 §5.2.1, and §5.2.2 for the last.
BOOST_AUTO_TEST_CASE(streams_are_named_while_the_transceiver_sends_or_once_it_did) {
  Side side{kAudio};
  auto idle = wishes(MediaKind::Audio, Direction::RecvOnly);

  BOOST_TEST(side.offer(wishes(MediaKind::Audio)).msids.size() == 1u);
  BOOST_TEST(side.offer(idle).msids.empty());
  idle.had_msid = true;
  BOOST_TEST(side.offer(idle).msids.size() == 1u);
}

// RFC 8830 §2.
BOOST_AUTO_TEST_CASE(a_sender_without_streams_says_so) {
  Side side{kAudio};
  auto alone = wishes(MediaKind::Audio);
  alone.streams.clear();

  const auto msids = side.offer(alone).msids;

  BOOST_REQUIRE(msids.size() == 1u);
  BOOST_TEST(msids[0].to_string() == "-");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(answers)

struct Turn {
  Direction offered;
  Direction wanted;
  Direction answered;
  friend std::ostream& operator<<(std::ostream& out, const Turn& row) {
    return out << to_string(row.offered) << " to " << to_string(row.wanted);
  }
};
// RFC 3264 §6.1.
// clang-format off
const std::vector<Turn> kTurns{
    {Direction::SendRecv, Direction::SendRecv, Direction::SendRecv},
    {Direction::SendRecv, Direction::SendOnly, Direction::SendOnly},
    {Direction::SendRecv, Direction::RecvOnly, Direction::RecvOnly},
    {Direction::SendRecv, Direction::Inactive, Direction::Inactive},
    {Direction::SendOnly, Direction::SendRecv, Direction::RecvOnly},
    {Direction::SendOnly, Direction::SendOnly, Direction::Inactive},
    {Direction::SendOnly, Direction::RecvOnly, Direction::RecvOnly},
    {Direction::RecvOnly, Direction::SendRecv, Direction::SendOnly},
    {Direction::RecvOnly, Direction::SendOnly, Direction::SendOnly},
    {Direction::RecvOnly, Direction::RecvOnly, Direction::Inactive},
    {Direction::Inactive, Direction::SendRecv, Direction::Inactive},
};
// clang-format on

BOOST_DATA_TEST_CASE(the_direction_is_the_offered_one_turned_and_cut_to_ours, data::make(kTurns),
                     row) {
  Side offerer{kAudio};
  const auto offer = offerer.offer(wishes(MediaKind::Audio, row.offered));

  const auto answer = answered(offer, kAudio, wishes(MediaKind::Audio, row.wanted));

  BOOST_TEST((answer.direction == row.answered));
  const auto ours = negotiate_media(answer, offer, peer::Side::Remote);
  const auto theirs = negotiate_media(offer, answer, peer::Side::Local);
  BOOST_REQUIRE(ours.has_value());
  BOOST_REQUIRE(theirs.has_value());
  BOOST_TEST((ours->direction == row.answered));
  BOOST_TEST((theirs->direction == reversed(row.answered)));
}

BOOST_AUTO_TEST_CASE(two_peers_alike_answer_every_format_of_the_offer_under_its_number) {
  for (const auto& capabilities : {kAudio, kVideo}) {
    const auto kind = capabilities == kAudio ? MediaKind::Audio : MediaKind::Video;
    Side offerer{capabilities};
    const auto offer = offerer.offer(wishes(kind));

    const auto answer = answered(offer, capabilities, wishes(kind));

    BOOST_TEST((answer.formats == offer.formats));
    BOOST_TEST((answer.header_extensions == offer.header_extensions));
  }
}

BOOST_AUTO_TEST_CASE(without_a_common_codec_the_section_is_rejected) {
  Side side{only({video("VP8"), video("ulpfec")})};

  BOOST_TEST(!side.answer(video_offer({{PayloadType{96}, video("AV1")}}), wishes(MediaKind::Video))
                  .has_value());
  // Repair alone carries no media.
  BOOST_TEST(
      !side.answer(video_offer({{PayloadType{96}, video("ulpfec")}}), wishes(MediaKind::Video))
           .has_value());
}

// RFC 9429 §5.3.1: the offer's order, and what it did not have behind it; no rtx unless offered.
BOOST_AUTO_TEST_CASE(what_was_not_offered_comes_last_under_numbers_that_were_not_used) {
  const auto offer = video_offer({{PayloadType{97}, video("AV1")},
                                  {PayloadType{96}, video("H265")},
                                  {PayloadType{100}, video("VP8")}});

  const auto answer =
      answered(offer, only({video("VP8"), video("VP9"), video("AV1"), video("rtx")}),
               wishes(MediaKind::Video));

  BOOST_TEST(formats(answer) == "97 AV1, 100 VP8, 98 VP9");
}

BOOST_AUTO_TEST_CASE(an_rtx_goes_with_what_it_repeats) {
  const auto offer = video_offer({{PayloadType{96}, video("H265")},
                                  {PayloadType{97}, video("rtx"), {PayloadType{96}}},
                                  {PayloadType{98}, video("VP8")},
                                  {PayloadType{99}, video("rtx"), {PayloadType{98}}}});

  const auto answer = answered(offer, only({video("VP8"), video("rtx")}), wishes(MediaKind::Video));

  BOOST_TEST(formats(answer) == "98 VP8, 99 rtx 98");
}

// RFC 6184 §8.2.2.
BOOST_AUTO_TEST_CASE(the_level_of_h264_is_the_lower_one_unless_both_may_differ) {
  const auto ask = [](std::string own, std::string offered) {
    const auto offer = video_offer({{PayloadType{96}, video("H264", std::move(offered))}});
    const auto answer =
        answered(offer, only({video("H264", std::move(own))}), wishes(MediaKind::Video));
    return answer.formats.front().codec.parameters;
  };

  BOOST_TEST(ask("profile-level-id=42e034", "profile-level-id=42e01f") ==
             "profile-level-id=42e01f");
  BOOST_TEST(ask("profile-level-id=42e01f", "profile-level-id=42e034") ==
             "profile-level-id=42e01f");
  BOOST_TEST(ask("level-asymmetry-allowed=1;profile-level-id=42e034",
                 "level-asymmetry-allowed=1;profile-level-id=42e01f") ==
             "level-asymmetry-allowed=1;profile-level-id=42e034");
}

BOOST_AUTO_TEST_CASE(feedback_is_answered_where_both_have_it) {
  const auto offer = video_offer({{PayloadType{96}, video("VP8", "", {"nack", "goog-remb"})}});

  const auto answer =
      answered(offer, only({video("VP8", "", {"ccm fir", "nack"})}), wishes(MediaKind::Video));

  BOOST_TEST((answer.formats.front().codec.feedback == std::vector<std::string>{"nack"}));
}

// RFC 8285 §5.
BOOST_AUTO_TEST_CASE(extensions_keep_their_id_unless_it_was_provisional) {
  auto offer = video_offer({{PayloadType{96}, video("VP8")}});
  offer.header_extensions = {
      {.id = 7, .uri = std::string{extension::kMid}},
      {.id = 4096, .uri = std::string{extension::kRid}},
      {.id = 300, .uri = std::string{extension::kTimeOffset}},
      {.id = 3, .uri = "urn:unknown"},
      {.id = 5, .direction = Direction::SendOnly, .uri = std::string{extension::kPlayoutDelay}},
      {.id = 6,
       .direction = Direction::Inactive,
       .uri = std::string{extension::kVideoOrientation}}};

  const auto answer = answered(offer, only({video("VP8")}), wishes(MediaKind::Video));

  BOOST_TEST(extensions(answer.header_extensions) ==
             "7 urn:ietf:params:rtp-hdrext:sdes:mid, 1 "
             "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id, 5/recvonly "
             "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay");
}

BOOST_AUTO_TEST_CASE(rtcp_lines_are_answered_if_they_were_offered) {
  auto offer = video_offer({{PayloadType{96}, video("VP8")}});
  offer.rtcp_mux = false;
  offer.rtcp_rsize = false;

  const auto without = answered(offer, kVideo, wishes(MediaKind::Video));
  offer.rtcp_mux = offer.rtcp_mux_only = offer.rtcp_rsize = true;
  const auto with = answered(offer, kVideo, wishes(MediaKind::Video));

  BOOST_TEST((!without.rtcp_mux && !without.rtcp_mux_only && !without.rtcp_rsize));
  BOOST_TEST((with.rtcp_mux && with.rtcp_mux_only && with.rtcp_rsize));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(outcomes)

const MediaSection kOffer = [] {
  auto media = video_offer({{PayloadType{96}, video("VP8", "", {"nack"})},
                            {PayloadType{97}, video("VP9")},
                            {PayloadType{98}, video("rtx"), {PayloadType{96}}}});
  media.header_extensions = {{.id = 1, .uri = std::string{extension::kMid}},
                             {.id = 2, .uri = std::string{extension::kRid}}};
  return media;
}();

struct BrokenAnswer {
  std::string_view message;
  void (*break_it)(MediaSection& answer);
  friend std::ostream& operator<<(std::ostream& out, const BrokenAnswer& row) {
    return out << row.message;
  }
};
// clang-format off
const std::vector<BrokenAnswer> kBroken{
    {"the answer has no format of the offer (RFC 3264 §6.1)", [](MediaSection& answer) { answer.formats = {{PayloadType{99}, video("AV1")}}; }},
    {"the answer says sendrecv to an offer of sendonly (RFC 3264 §6.1)", [](MediaSection& answer) { answer.direction = Direction::SendRecv; }},
    {"the answer has a=rtcp-fb ccm fir, which the offer has not (RFC 9429 §5.11)", [](MediaSection& answer) { answer.formats[0].codec.feedback = {"ccm fir"}; }},
    {"the answer gives a=extmap id 2 another meaning (RFC 8285 §5)", [](MediaSection& answer) { answer.header_extensions[1].uri = "urn:other"; }},
};
// clang-format on

BOOST_DATA_TEST_CASE(an_answer_that_breaks_a_rule_is_refused, data::make(kBroken), row) {
  auto offer = kOffer;
  offer.direction = Direction::SendOnly;
  auto answer = kOffer;
  answer.direction = Direction::RecvOnly;
  BOOST_REQUIRE(negotiate_media(offer, answer, peer::Side::Local).has_value());

  row.break_it(answer);
  const auto outcome = negotiate_media(offer, answer, peer::Side::Local);

  BOOST_REQUIRE(!outcome.has_value());
  BOOST_TEST(outcome.error().name == "InvalidAccessError");
  BOOST_TEST(outcome.error().message == row.message);
}

// RFC 5761 §5.1.1.
BOOST_AUTO_TEST_CASE(multiplexing_that_was_not_offered_is_refused) {
  auto offer = kOffer;
  offer.rtcp_mux = false;

  BOOST_TEST(!negotiate_media(offer, kOffer, peer::Side::Local).has_value());
  BOOST_TEST(negotiate_media(offer, offer, peer::Side::Local).has_value());
}

// RFC 3264 §6.1: each sends what the other listed, under the other's numbers.
BOOST_AUTO_TEST_CASE(sending_goes_by_the_payload_types_of_the_other_side) {
  auto answer = kOffer;
  answer.formats = {{PayloadType{120}, video("VP9")},
                    {PayloadType{121}, video("VP8")},
                    {PayloadType{122}, video("rtx"), {PayloadType{121}}},
                    {PayloadType{123}, video("AV1")}};

  const auto media = negotiate_media(kOffer, answer, peer::Side::Local);

  BOOST_REQUIRE(media.has_value());
  BOOST_TEST(formats({.formats = media->send}) == "120 VP9, 121 VP8, 122 rtx 121");
  BOOST_TEST(formats({.formats = media->receive}) == "96 VP8, 97 VP9, 98 rtx 96");
}

BOOST_AUTO_TEST_CASE(an_extension_is_in_use_where_both_have_it) {
  auto answer = kOffer;
  answer.header_extensions = {
      {.id = 1, .direction = Direction::RecvOnly, .uri = std::string{extension::kMid}},
      {.id = 9, .uri = "urn:new"}};

  const auto media = negotiate_media(kOffer, answer, peer::Side::Local);

  BOOST_TEST(extensions(media->header_extensions) ==
             "1/sendonly urn:ietf:params:rtp-hdrext:sdes:mid");
}

BOOST_AUTO_TEST_CASE(simulcast_is_sent_as_far_as_the_answer_takes_it) {
  Side browser{kVideo};
  auto wanted = wishes(MediaKind::Video);
  wanted.rids = {"1", "2"};
  const auto offer = browser.offer(wanted);
  auto server = kVideo;
  server.simulcast_receipt = SimulcastReceipt::Accept;

  const auto taken =
      negotiate_media(offer, answered(offer, server, wishes(MediaKind::Video)), peer::Side::Local);
  const auto refused =
      negotiate_media(offer, answered(offer, kVideo, wishes(MediaKind::Video)), peer::Side::Local);

  BOOST_TEST((taken->send_rids == std::vector<std::string>{"1", "2"}));
  BOOST_TEST(refused->send_rids.empty());
}

BOOST_AUTO_TEST_CASE(a_group_with_two_meanings_for_one_number_is_refused) {
  auto other = kOffer;
  other.formats = {{PayloadType{96}, video("H265")}};
  auto third = kOffer;
  third.header_extensions[0].uri = "urn:other";

  BOOST_TEST(check_bundled(std::vector{kOffer, other})->message ==
             "payload type 96 stands for two formats in one BUNDLE group (RFC 9143 §9.1.1)");
  BOOST_TEST(check_bundled(std::vector{kOffer, third})->message ==
             "a=extmap id 1 stands for two extensions in one BUNDLE group (RFC 9143 §12)");
  BOOST_TEST(!check_bundled(std::vector{kOffer, kOffer}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
