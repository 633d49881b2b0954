// What the three calls of RFC 9429 §7 mean, read from their descriptions: offer-A1 and answer-A1
// (7.1), B1, B2 (7.2), C1, C2 (7.3).
#include "agents/peer/media_negotiation.h"
#include "agents/peer/remote_session.h"
#include "tests/agents/sdp/support.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace rtclab::peer {
namespace {

namespace data = boost::unit_test::data;

const std::string kFolder = "jsep_rfc9429_s7/";

sdp::SessionDescription parsed(const std::string& name) {
  const auto description =
      sdp::SessionDescription::parse(sdp::content(sdp::data_folder() / (kFolder + name + ".sdp")));
  BOOST_REQUIRE_MESSAGE(description.has_value(),
                        (description ? "" : description.error().to_string()));
  return *description;
}

MediaSection media_of(const sdp::SessionDescription& description, std::size_t index) {
  const auto tagged = description.section(transport_section(description, index));
  const auto media = read_media(description.section(index), &tagged);
  BOOST_REQUIRE_MESSAGE(media.has_value(), (media ? "" : media.error().message));
  return *media;
}

std::string spelled(const std::vector<Format>& formats) {
  std::string text;
  for (const auto& format : formats) {
    text += (text.empty() ? "" : " ") + to_string(format.type) + ':' + format.codec.name;
  }
  return text;
}

std::string spelled(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

const std::string kAudioFormats = "96:opus 0:PCMU 8:PCMA 97:telephone-event 98:telephone-event";
const std::string kVideoFormats = "100:VP8 101:H264 102:rtx 103:rtx";

// One section after its round of offer and answer, as the offerer sees it.
struct Result {
  std::string round;
  std::size_t section;
  std::string_view mid;
  std::string formats;
  sdp::Direction direction;
  std::string_view extensions;
  friend std::ostream& operator<<(std::ostream& out, const Result& row) {
    return out << row.round << ' ' << row.mid;
  }
};
// clang-format off
const std::vector<Result> kResults{
    {"A1", 0, "a1", kAudioFormats, sdp::Direction::SendRecv, "1 2"},
    {"A1", 1, "v1", kVideoFormats, sdp::Direction::SendRecv, "1 3"},
    {"B1", 0, "a1", kAudioFormats, sdp::Direction::SendRecv, "1 2"},
    {"B2", 0, "a1", kAudioFormats, sdp::Direction::SendRecv, "1 2"},
    // Simulcast with flexfec is offered, and one plain stream is what the answer takes.
    {"B2", 2, "v1", kVideoFormats, sdp::Direction::SendOnly, "1 3"},
    {"B2", 3, "v2", kVideoFormats, sdp::Direction::SendOnly, "1 3"},
    {"C1", 0, "a1", kAudioFormats, sdp::Direction::RecvOnly, "1 2"},
    {"C1", 1, "v1", kVideoFormats, sdp::Direction::RecvOnly, "1 3"},
    {"C2", 0, "a1", kAudioFormats, sdp::Direction::SendRecv, "1 2"},
    {"C2", 1, "v1", kVideoFormats, sdp::Direction::SendRecv, "1 3"},
};
// clang-format on

struct Groups {
  std::string file;
  std::string bundle;
  std::string lip_sync;
  friend std::ostream& operator<<(std::ostream& out, const Groups& row) { return out << row.file; }
};
// clang-format off
const std::vector<Groups> kGroups{
    {"offer-A1", "a1 v1", "a1 v1"},       {"answer-A1", "a1 v1", "a1 v1"},
    {"offer-B1", "a1 d1", ""},            {"answer-B1", "a1 d1", ""},
    {"offer-B2", "a1 d1 v1 v2", "a1 v1"}, {"answer-B2", "a1 d1 v1 v2", "a1 v1"},
    {"offer-C1", "a1 v1", "a1 v1"},       {"answer-C1", "a1 v1", "a1 v1"},
    {"offer-C2", "a1 v1", "a1 v1"},       {"answer-C2", "a1 v1", "a1 v1"},
};
const std::vector<std::string> kRounds{"A1", "B1", "B2", "C1", "C2"};
// clang-format on

BOOST_AUTO_TEST_SUITE(rfc9429_examples)

BOOST_DATA_TEST_CASE(each_section_is_negotiated_as_the_text_says, data::make(kResults), row) {
  const auto offer = parsed("offer-" + row.round);
  const auto answer = parsed("answer-" + row.round);
  BOOST_REQUIRE(offer.section(row.section).mid().value() == row.mid);
  const auto local = media_of(offer, row.section);
  const auto remote = media_of(answer, row.section);

  const auto media = negotiate_media(local, remote, Side::Local);

  BOOST_REQUIRE_MESSAGE(media.has_value(), (media ? "" : media.error().message));
  BOOST_TEST(spelled(media->send) == row.formats);
  BOOST_TEST(spelled(media->receive) == row.formats);
  BOOST_TEST((media->direction == row.direction));
  std::vector<std::string> ids;
  for (const auto& map : media->header_extensions) ids.push_back(std::to_string(map.id));
  BOOST_TEST(spelled(ids) == row.extensions);
  BOOST_TEST(media->send_rids.empty());
  BOOST_TEST(media->reduced_size_rtcp);
  // The answerer sees the same from its side.
  const auto theirs = negotiate_media(remote, local, Side::Remote);
  BOOST_TEST((theirs->direction == reversed(row.direction)));
  BOOST_TEST(spelled(theirs->send) == row.formats);
}

BOOST_DATA_TEST_CASE(each_description_groups_its_sections, data::make(kGroups), row) {
  const auto description = parsed(row.file);

  BOOST_TEST(spelled(description.bundle()) == row.bundle);
  std::string lip_sync;
  for (const auto& group : description.groups()) {
    if (group.semantics == "LS") lip_sync = spelled(group.mids);
  }
  BOOST_TEST(lip_sync == row.lip_sync);
}

BOOST_DATA_TEST_CASE(the_sections_of_each_description_share_their_numbers_in_peace,
                     data::make(kGroups), row) {
  const auto description = parsed(row.file);
  std::vector<MediaSection> sections;
  for (std::size_t i = 0; i < description.sections.size(); ++i) {
    if (is_media(description.section(i))) sections.push_back(media_of(description, i));
  }

  BOOST_TEST(!check_bundled(sections).has_value());
}

BOOST_DATA_TEST_CASE(the_peer_connection_takes_each_offer_and_answer, data::make(kRounds), round) {
  const auto offer = parsed("offer-" + round);
  const auto answer = parsed("answer-" + round);

  BOOST_TEST(read_remote(SdpType::Offer, offer).has_value());
  BOOST_TEST(read_remote(SdpType::Answer, answer).has_value());
  BOOST_TEST(check_answers(offer, answer).has_value());
}

BOOST_AUTO_TEST_CASE(simulcast_is_offered_in_one_section_only) {
  const auto offer = parsed("offer-B2");

  const auto first = media_of(offer, 2);
  const auto second = media_of(offer, 3);

  BOOST_REQUIRE(first.simulcast.has_value());
  BOOST_TEST(first.simulcast->to_string() == "send 1;2;3");
  BOOST_TEST(first.rids.size() == 3u);
  BOOST_TEST(!second.simulcast.has_value());
  BOOST_TEST(first.formats.back().codec.name == "flexfec");
}

// RFC 9429 §7.1: the offer can do without BUNDLE, so each section has a transport; 7.2 and 7.3 rely
// on it.
BOOST_AUTO_TEST_CASE(the_first_call_offers_rtcp_candidates_and_the_others_do_not) {
  const auto components = [](const std::string& name, std::size_t index) {
    const auto description = parsed(name);
    std::string found;
    for (const auto& candidate : description.section(index).candidates()) {
      found += std::to_string(candidate.component);
    }
    return found;
  };

  BOOST_TEST(components("offer-A1", 0) == "12");
  BOOST_TEST(components("offer-A1", 1) == "12");
  BOOST_TEST(components("answer-A1", 0) == "1");
  BOOST_TEST(components("offer-B2", 0) == "111");
  const auto offer = parsed("offer-B1");
  const auto answer = parsed("answer-B1");
  BOOST_TEST(offer.section(1).bundle_only());
  BOOST_TEST(!answer.section(1).bundle_only());
}

// The trickled candidates are printed as "attr  candidate:…", folded once.
BOOST_DATA_TEST_CASE(each_trickled_candidate_is_read, data::make(sdp::files(".txt")), file) {
  const auto text = sdp::content(sdp::data_folder() / file);
  const auto at = text.find("candidate:");
  BOOST_REQUIRE(at != std::string::npos);
  auto line = text.substr(at);
  for (auto& c : line) {
    if (c == '\r' || c == '\n') c = ' ';
  }

  const auto candidate = sdp::Candidate::parse(line);

  BOOST_REQUIRE(candidate.has_value());
  BOOST_TEST(candidate->component == 1u);
  BOOST_TEST(candidate->is_udp());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
