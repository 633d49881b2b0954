// The three calls of RFC 9429 §7 as our peer connections make them, held against the printed
// descriptions line by line.
//
// What is drawn by lot or given by the network may differ in value but not in place: comparable()
// masks it. Every other difference stands in kAllowed with its reason; one that does not, fails,
// and so does one that stands there and is none.
#include "agents/sdp/grammar.h"
#include "agents/sdp/session_description.h"
#include "tests/agents/sdp/support.h"
#include "tests/support/peer_pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <map>
#include <ostream>
#include <utility>

namespace rtclab::peer {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;
using sdp::SessionDescription;
using test::PairOptions;
using test::Party;
using test::PeerPair;

// --- what the peers of §7 can do ---

Configuration of_the_rfc(BundlePolicy policy) {
  Configuration configuration;
  configuration.bundle_policy = policy;
  configuration.audio = {
      .codecs = {{"opus", 48000, 2},
                 {"PCMU", 8000},
                 {"PCMA", 8000},
                 {"telephone-event", 8000, 1, "0-15"},
                 {"telephone-event", 48000, 1, "0-15"}},
      .header_extensions = {{std::string{extension::kMid}}, {std::string{extension::kAudioLevel}}},
      .maxptime = 120,
      .extmap_allow_mixed = false};
  configuration.video = {
      .codecs = {{"VP8", 90000, 1, "", {"ccm fir", "nack", "nack pli"}},
                 {"H264", 90000, 1, "packetization-mode=1;profile-level-id=42e01f"},
                 {"rtx", 90000}},
      .header_extensions = {{std::string{extension::kMid}}, {std::string{extension::kRid}}},
      .extmap_allow_mixed = false};
  return configuration;
}

PairOptions pair_of(BundlePolicy policy) {
  PairOptions options;
  options.trickle = false;
  options.alice = options.bob = of_the_rfc(policy);
  return options;
}

// --- the calls ---

using Texts = std::map<std::string, std::string>;  // by the name of the RFC's description

void set_local(PeerPair& pair, Party& party, Texts& texts, const std::string& name) {
  pair.set_local(party);
  texts[name] = party.connection.local_description()->sdp;
}

// The text as it is when gathering is over.
void gather(PeerPair& pair, Party& party, Texts& texts, const std::string& name) {
  BOOST_REQUIRE(pair.run_until(
      [&] { return party.connection.ice_gathering_state() == IceGatheringState::Complete; }, 10s));
  texts[name] = party.connection.local_description()->sdp;
}

void hand_over(PeerPair& pair, Party& from) {
  pair.set_remote(pair.other(from), *from.connection.local_description());
}

TransceiverId add_track(PeerPair& pair, Party& party, MediaKind kind, const std::string& stream) {
  return party.connection
      .add_track(pair.now, {std::string{to_string(kind)} + stream, kind}, {stream})
      .value();
}

// §7.1: audio and video, everything gathered before it is said.
void simple_call(Texts& texts) {
  const std::string alices = "47017fee-b6c1-4162-929c-a25110252400";
  const std::string bobs = "61317484-2ed4-49d7-9eb7-1414322a7aae";
  PeerPair pair{pair_of(BundlePolicy::Balanced)};
  for (const auto kind : {MediaKind::Audio, MediaKind::Video}) {
    add_track(pair, pair.alice, kind, alices);
  }
  set_local(pair, pair.alice, texts, "offer-A1");
  gather(pair, pair.alice, texts, "offer-A1");
  hand_over(pair, pair.alice);
  for (const auto kind : {MediaKind::Audio, MediaKind::Video}) {
    add_track(pair, pair.bob, kind, bobs);
  }
  set_local(pair, pair.bob, texts, "answer-A1");
  gather(pair, pair.bob, texts, "answer-A1");
  hand_over(pair, pair.bob);
}

// §7.2: audio and data, then bob adds two videos, the first as simulcast.
void detailed_call(Texts& texts) {
  const std::string alices = "57017fee-b6c1-4162-929c-a25110252400";
  const std::string bobs = "71317484-2ed4-49d7-9eb7-1414322a7aae";
  const std::string bobs_other = "81317484-2ed4-49d7-9eb7-1414322a7aae";
  auto options = pair_of(BundlePolicy::MaxBundle);
  options.bob.video.codecs.push_back({"flexfec", 90000});
  PeerPair pair{options};
  add_track(pair, pair.alice, MediaKind::Audio, alices);
  pair.alice.connection.create_data_channel(pair.now, "data").value();
  set_local(pair, pair.alice, texts, "offer-B1");
  hand_over(pair, pair.alice);
  add_track(pair, pair.bob, MediaKind::Audio, bobs);
  set_local(pair, pair.bob, texts, "answer-B1");
  hand_over(pair, pair.bob);
  Texts unused;
  gather(pair, pair.alice, unused, "alice");
  gather(pair, pair.bob, unused, "bob");

  const std::vector<Encoding> layers{{.rid = "1"}, {.rid = "2"}, {.rid = "3"}};
  (void)pair.bob.connection
      .add_transceiver(pair.now, MediaTrack{"camera", MediaKind::Video},
                       {.streams = {bobs}, .send_encodings = layers})
      .value();
  add_track(pair, pair.bob, MediaKind::Video, bobs_other);
  set_local(pair, pair.bob, texts, "offer-B2");
  hand_over(pair, pair.bob);
  set_local(pair, pair.alice, texts, "answer-B2");
  hand_over(pair, pair.alice);
}

// §7.3: a call that is warmed up in one direction before it is accepted.
void early_call(Texts& texts) {
  const std::string alices = "bbce3ba6-abfc-ac63-d00a-e15b286f8fce";
  const std::string bobs = "751f239e-4ae0-c549-aa3d-890de772998b";
  PeerPair pair{pair_of(BundlePolicy::MaxBundle)};
  for (const auto kind : {MediaKind::Audio, MediaKind::Video}) {
    add_track(pair, pair.alice, kind, alices);
  }
  set_local(pair, pair.alice, texts, "offer-C1");
  hand_over(pair, pair.alice);
  std::vector<TransceiverId> of_bob;
  for (const auto kind : {MediaKind::Audio, MediaKind::Video}) {
    of_bob.push_back(add_track(pair, pair.bob, kind, bobs));
    BOOST_REQUIRE(pair.bob.connection.set_direction(pair.now, of_bob.back(), Direction::SendOnly)
                      .has_value());
  }
  set_local(pair, pair.bob, texts, "answer-C1");
  hand_over(pair, pair.bob);
  Texts unused;
  gather(pair, pair.alice, unused, "alice");
  gather(pair, pair.bob, unused, "bob");

  for (const auto id : of_bob) {
    BOOST_REQUIRE(pair.bob.connection.set_direction(pair.now, id, Direction::SendRecv).has_value());
  }
  set_local(pair, pair.bob, texts, "offer-C2");
  hand_over(pair, pair.bob);
  set_local(pair, pair.alice, texts, "answer-C2");
  hand_over(pair, pair.alice);
}

const Texts& our_texts() {
  static const Texts kTexts = [] {
    Texts texts;
    simple_call(texts);
    detailed_call(texts);
    early_call(texts);
    return texts;
  }();
  return kTexts;
}

// --- the comparison ---

// Chosen by the implementation, and so masked:
//   o=             the session id is random (§5.2.1); the version is compared
//   m= c= candidate  ports, addresses and how many candidates there are: the network's
//   mid            from a counter or at random (§5.2.1), here named as the RFC names that section
//   payload types  dynamic (RFC 3551 §3), here numbered as the RFC numbers that place of the m=
//   line ice-ufrag, ice-pwd, fingerprint, tls-id   secrets and keys
class Comparable {
 public:
  Comparable(const SessionDescription& description, const SessionDescription& rfc) {
    for (std::size_t i = 0; i < description.sections.size() && i < rfc.sections.size(); ++i) {
      const auto mid = description.section(i).mid();
      const auto named = rfc.section(i).mid();
      if (mid && named) mids_[*mid] = *named;
    }
    add(description.session);
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      types_.clear();
      const auto own = description.section(i).media().formats;
      const auto theirs = i < rfc.sections.size() ? rfc.section(i).media().formats : own;
      for (std::size_t k = 0; k < own.size() && own.size() == theirs.size(); ++k) {
        types_[own[k]] = theirs[k];
      }
      add(description.sections[i]);
    }
  }

  std::vector<std::string> lines;

 private:
  static std::string renamed(std::string_view word,
                             const std::map<std::string, std::string, std::less<>>& names) {
    const auto found = names.find(word);
    return found == names.end() ? std::string{word} : found->second;
  }

  std::string renamed_head(std::string_view value) const {
    auto rest = value;
    const auto head = sdp::take_until(rest, ' ');
    return renamed(head, types_) + std::string{value.substr(head.size())};
  }

  std::string attribute(std::string_view value) const {
    const auto whole = std::string{value};
    const auto name = sdp::take_until(value, ':');
    if (name == "mid") return "mid:" + renamed(value, mids_);
    if (name == "group") {
      auto group = sdp::Group::parse(value).value();
      for (auto& mid : group.mids) mid = renamed(mid, mids_);
      return "group:" + group.to_string();
    }
    if (name == "ice-ufrag" || name == "ice-pwd" || name == "fingerprint" || name == "tls-id") {
      return std::string{name} + ":…";
    }
    if (name == "candidate") {
      return "candidate:… component " +
             std::to_string(sdp::Candidate::parse(value).value().component);
    }
    if (name == "rtpmap" || name == "rtcp-fb") return std::string{name} + ':' + renamed_head(value);
    if (name == "fmtp") {
      auto text = renamed_head(value);
      const auto apt = text.find("apt=");
      if (apt != std::string::npos) {
        text = text.substr(0, apt + 4) + renamed(text.substr(apt + 4), types_);
      }
      return "fmtp:" + text;
    }
    return whole;
  }

  std::string text_of(const sdp::Line& line) const {
    if (line.type == 'o') {
      auto origin = sdp::Origin::parse(line.value).value();
      origin.session_id = "0";
      return "o=" + origin.to_string();
    }
    if (line.type == 'm') {
      auto media = sdp::MediaLine::parse(line.value).value();
      if (media.port != Port{0} && media.port != Port{9}) media.port = Port{10100};
      for (auto& format : media.formats) format = renamed(format, types_);
      return "m=" + media.to_string();
    }
    if (line.type == 'c' && !line.value.ends_with(" 0.0.0.0")) return "c=IN IP4 …";
    return std::string{line.type, '='} + (line.type == 'a' ? attribute(line.value) : line.value);
  }

  void add(const sdp::SectionLines& level) {
    for (const auto& line : level.lines) {
      auto text = text_of(line);
      if (!lines.empty() && lines.back() == text && text.starts_with("a=candidate")) continue;
      lines.push_back(std::move(text));
    }
  }

  std::map<std::string, std::string, std::less<>> mids_;
  std::map<std::string, std::string, std::less<>> types_;
};

// "+ line" that only we have, "- line" that only the RFC has, in order: by the longest common
// subsequence.
std::vector<std::string> differences(const std::vector<std::string>& ours,
                                     const std::vector<std::string>& rfc) {
  std::vector<std::vector<std::size_t>> common(ours.size() + 1,
                                               std::vector<std::size_t>(rfc.size() + 1, 0));
  for (auto i = ours.size(); i-- > 0;) {
    for (auto k = rfc.size(); k-- > 0;) {
      common[i][k] = ours[i] == rfc[k] ? common[i + 1][k + 1] + 1
                                       : std::max(common[i + 1][k], common[i][k + 1]);
    }
  }
  std::vector<std::string> found;
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < ours.size() || k < rfc.size()) {
    if (i < ours.size() && k < rfc.size() && ours[i] == rfc[k]) {
      ++i;
      ++k;
    } else if (k == rfc.size() || (i < ours.size() && common[i + 1][k] >= common[i][k + 1])) {
      found.push_back("+ " + ours[i++]);
    } else {
      found.push_back("- " + rfc[k++]);
    }
  }
  return found;
}

struct Allowed {
  std::string line;
  std::string_view reason;
};

struct Expectation {
  std::string name;
  std::vector<Allowed> differences;
  friend std::ostream& operator<<(std::ostream& out, const Expectation& row) {
    return out << row.name;
  }
};

constexpr std::string_view kRequire =
    "webrtc-pc knows no other rtcpMuxPolicy than \"require\", so the offer says it (RFC 9429 "
    "§5.2.1) "
    "and has no component for RTCP; §7.1 shows \"negotiate\"";
constexpr std::string_view kAnswered =
    "RFC 9143 §9.3.1.2: the answer repeats the a=rtcp-mux-only of the offer";
constexpr std::string_view kEverywhere =
    "RFC 9429 §5.8.3 looks for a=rtcp-mux in each section; libwebrtc refuses one without";
constexpr std::string_view kNotAgain = "RFC 9429 §5.2.2: a later offer MUST NOT say it again";
constexpr std::string_view kNotOffered = "the offer has none, and so the answer";
constexpr std::string_view kOurSize = "RFC 8841 §6.1: what an implementation takes is its own";
constexpr std::string_view kNoLimits = "RFC 9429 §5.3.1: only where there are limits to decoding";

// clang-format off
const std::vector<Expectation> kAllowed{
    {"offer-A1", {
        {"- a=rtcp:10101 IN IP4 203.0.113.100", kRequire},
        {"+ a=rtcp-mux-only", kRequire},
        {"- a=candidate:… component 2", kRequire},
        {"- a=rtcp:10103 IN IP4 203.0.113.100", kRequire},
        {"+ a=rtcp-mux-only", kRequire},
        {"- a=candidate:… component 2", kRequire},
    }},
    {"answer-A1", {
        {"+ a=rtcp-mux-only", kAnswered},
        {"+ a=rtcp-mux", kEverywhere},
    }},
    {"offer-B1", {
        {"+ a=max-message-size:262144", kOurSize},
        {"- a=max-message-size:65536", kOurSize},
    }},
    {"answer-B1", {
        {"+ a=max-message-size:262144", kOurSize},
        {"- a=max-message-size:65536", kOurSize},
    }},
    {"offer-B2", {
        {"- a=rtcp-mux-only", kNotAgain},
        {"+ a=max-message-size:262144", kOurSize},
        {"- a=max-message-size:65536", kOurSize},
        {"+ a=rtcp-mux", kEverywhere},
        {"+ a=rtcp-mux", kEverywhere},
    }},
    {"answer-B2", {
        {"- a=rtcp-mux-only", kNotOffered},
        {"+ a=max-message-size:262144", kOurSize},
        {"- a=max-message-size:65536", kOurSize},
        {"- a=imageattr:100 recv [x=[48:1920],y=[48:1080],q=1.0]", kNoLimits},
        {"+ a=rtcp-mux", kEverywhere},
        {"- a=imageattr:100 recv [x=[48:1920],y=[48:1080],q=1.0]", kNoLimits},
        {"+ a=rtcp-mux", kEverywhere},
    }},
    {"offer-C1", {
        {"+ a=rtcp-mux", kEverywhere},
    }},
    {"answer-C1", {
        {"+ a=rtcp-mux", kEverywhere},
    }},
    {"offer-C2", {
        {"- a=rtcp-mux-only", kNotAgain},
        {"+ a=rtcp-mux", kEverywhere},
    }},
    {"answer-C2", {
        {"- a=rtcp-mux-only", kNotOffered},
        {"+ a=rtcp-mux", kEverywhere},
    }},
};
// clang-format on

BOOST_AUTO_TEST_SUITE(rfc9429_own_calls)

BOOST_DATA_TEST_CASE(our_description_is_that_of_the_rfc_but_for_what_the_text_allows,
                     data::make(kAllowed), row) {
  const auto ours = SessionDescription::parse(our_texts().at(row.name)).value();
  const auto rfc = SessionDescription::parse(
                       sdp::content(sdp::data_folder() / "jsep_rfc9429_s7" / (row.name + ".sdp")))
                       .value();
  std::vector<std::string> allowed;
  for (const auto& difference : row.differences) allowed.push_back(difference.line);

  const auto found = differences(Comparable{ours, rfc}.lines, Comparable{rfc, rfc}.lines);

  BOOST_TEST(found == allowed, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
