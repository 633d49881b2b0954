#include "agents/peer/codec.h"

#include "agents/peer/h264_profile.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace rtclab::peer {
namespace {

namespace data = boost::unit_test::data;

Codec video(std::string name, std::string parameters = {}) {
  return {.name = std::move(name), .clock_rate = 90000, .parameters = std::move(parameters)};
}

struct Match {
  Codec a;
  Codec b;
  bool expected;
  friend std::ostream& operator<<(std::ostream& out, const Match& row) {
    return out << row.a.name << ' ' << row.a.parameters << " and " << row.b.name << ' '
               << row.b.parameters;
  }
};
// clang-format off
const std::vector<Match> kMatches{
    {video("VP8"), video("vp8"), true},
    {video("VP8"), video("VP9"), false},
    {{"opus", 48000, 2}, {"OPUS", 48000, 2, "stereo=1"}, true},
    {{"opus", 48000, 2}, {"opus", 48000, 1}, false},
    {{"telephone-event", 48000}, {"telephone-event", 8000}, false},
    {video("VP9"), video("VP9", "profile-id=0"), true},
    {video("VP9", "profile-id=2"), video("VP9", "profile-id=0"), false},
    {video("AV1", "profile=0"), video("AV1", "level-idx=5;profile=0;tier=0"), true},
    {video("AV1", "profile=1"), video("AV1"), false},
    {video("H264", "packetization-mode=1;profile-level-id=42e01f"), video("H264", "profile-level-id=42e034; packetization-mode=1"), true},
    {video("H264", "packetization-mode=1;profile-level-id=42e01f"), video("H264", "profile-level-id=42e01f"), false},
    {video("H264", "packetization-mode=0;profile-level-id=42e01f"), video("H264", "profile-level-id=42E01F"), true},
    {video("H264", "profile-level-id=42e01f"), video("H264", "profile-level-id=42001f"), false},
    {video("H264", "profile-level-id=42c01f"), video("H264", "profile-level-id=4d801f"), true},
    {video("H264"), video("H264", "profile-level-id=42000a"), true},
};
// clang-format on

struct Profile {
  std::string_view id;
  H264Profile profile;
  H264Level level;
  friend std::ostream& operator<<(std::ostream& out, const Profile& row) { return out << row.id; }
};
const std::vector<Profile> kProfiles{
    {"42e01f", H264Profile::ConstrainedBaseline, {31}},
    {"42c00a", H264Profile::ConstrainedBaseline, {10}},
    {"42f00b", H264Profile::ConstrainedBaseline, {10, true}},
    {"42e00b", H264Profile::ConstrainedBaseline, {11}},
    {"420029", H264Profile::Baseline, {41}},
    {"4d0028", H264Profile::Main, {40}},
    {"58f01f", H264Profile::ConstrainedBaseline, {31}},
    {"58801f", H264Profile::Baseline, {31}},
    {"640c1f", H264Profile::ConstrainedHigh, {31}},
    {"640034", H264Profile::High, {52}},
    {"f4001f", H264Profile::High444, {31}},
};

BOOST_AUTO_TEST_SUITE(codec)

BOOST_DATA_TEST_CASE(formats_are_the_same_by_the_rule_of_their_codec, data::make(kMatches), row) {
  BOOST_TEST(matches(row.a, row.b) == row.expected);
  BOOST_TEST(matches(row.b, row.a) == row.expected);
}

// RFC 6184, Table 5.
BOOST_DATA_TEST_CASE(three_octets_are_a_profile_and_a_level, data::make(kProfiles), row) {
  const auto profile = H264ProfileLevel::parse(row.id);

  BOOST_REQUIRE(profile.has_value());
  BOOST_TEST((profile->profile == row.profile));
  BOOST_TEST((profile->level == row.level));
}

BOOST_DATA_TEST_CASE(text_that_is_no_profile_is_refused,
                     data::make({"", "42e01", "42e01f0", "xxe01f", "00001f", "64081f"}), text) {
  BOOST_TEST(!H264ProfileLevel::parse(text).has_value());
}

BOOST_AUTO_TEST_CASE(level_1b_lies_between_1_and_1_1) {
  const auto level = [](std::string_view id) { return H264ProfileLevel::parse(id)->level; };

  BOOST_TEST((level("42e00a") < level("42f00b")));
  BOOST_TEST((level("42f00b") < level("42e00b")));
  BOOST_TEST(answered_profile_level_id("42e01f", "42e034") == "42e01f");
  BOOST_TEST(answered_profile_level_id("42e034", "42e01f") == "42e01f");
}

// RFC 7874 §3 and RFC 7742 §5 name the codecs that every WebRTC endpoint has.
BOOST_AUTO_TEST_CASE(the_mandatory_codecs_are_among_the_defaults) {
  const auto has = [](MediaKind kind, const Codec& wanted) {
    const auto codecs = default_codecs(kind);
    return std::ranges::any_of(codecs, [&](const Codec& own) { return matches(own, wanted); });
  };

  BOOST_TEST(has(MediaKind::Audio, {"opus", 48000, 2}));
  BOOST_TEST(has(MediaKind::Audio, {"PCMU", 8000}));
  BOOST_TEST(has(MediaKind::Audio, {"PCMA", 8000}));
  BOOST_TEST(has(MediaKind::Audio, {"telephone-event", 8000}));
  BOOST_TEST(has(MediaKind::Audio, {"CN", 8000}));
  BOOST_TEST(has(MediaKind::Video, video("VP8")));
  BOOST_TEST(has(MediaKind::Video, video("H264", "packetization-mode=1;profile-level-id=42e01f")));
}

BOOST_AUTO_TEST_CASE(no_two_default_codecs_are_the_same) {
  for (const auto kind : {MediaKind::Audio, MediaKind::Video}) {
    const auto codecs = default_codecs(kind);
    for (const auto& codec : codecs) {
      BOOST_TEST(std::ranges::count_if(
                     codecs, [&](const Codec& other) { return matches(codec, other); }) == 1,
                 codec.name << ' ' << codec.parameters);
    }
  }
}

BOOST_AUTO_TEST_CASE(parameters_are_replaced_by_name) {
  const std::string_view text = "minptime=10; UseInbandFec=1;cbr";

  BOOST_TEST(with_parameter(text, "minptime", "20") == "minptime=20; UseInbandFec=1;cbr");
  BOOST_TEST(without_parameter("apt=96;rtx-time=3000", "apt") == "rtx-time=3000");
  BOOST_TEST(without_parameter("apt=96", "apt").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
