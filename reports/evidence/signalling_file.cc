#include "reports/evidence/signalling_file.h"

#include "agents/base/text.h"
#include "reports/evidence/file.h"
#include "reports/evidence/json_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <utility>

namespace rtclab::evidence {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;

// Two clocks may disagree by a little, and a message is then delivered before it was sent.
constexpr Duration kClocksDisagree = std::chrono::seconds{1};

const std::vector<std::string> kMembers{"t",      "t_delivered",   "from",
                                        "type",   "sdp",           "candidate",
                                        "sdpMid", "sdpMLineIndex", "usernameFragment",
                                        "note"};

// What no record may be; empty when it is none of that. Absent and null are the same.
std::string flaw_of(const nlohmann::json& record) {
  if (!record.is_object()) return "expected a JSON object";
  for (const auto& [key, value] : record.items()) {
    if (std::ranges::find(kMembers, key) == kMembers.end())
      return fmt::format("there is no member \"{}\"{}", key, did_you_mean(key, kMembers));
  }
  for (const auto* const key :
       {"from", "type", "sdp", "candidate", "sdpMid", "usernameFragment", "note"}) {
    const auto found = record.find(key);
    if (found != record.end() && !found->is_null() && !found->is_string())
      return fmt::format("expected text as \"{}\"", key);
  }
  const auto index = record.find("sdpMLineIndex");
  if (index != record.end() && !index->is_null() && !index->is_number_unsigned())
    return "expected a whole number as \"sdpMLineIndex\", 0 or more";
  return {};
}

// What a message of its type has to have.
std::string_view missing_from(const SignallingMessage& message, const nlohmann::json& record) {
  using enum SignallingType;
  const bool describes =
      message.type == Offer || message.type == Answer || message.type == Pranswer;
  if (describes && message.sdp.empty()) return "expected \"sdp\", the description";
  if (message.type == Candidate && !record.contains("candidate"))
    return "expected \"candidate\", the candidate";
  return {};
}

FileResult<SignallingMessage> read_message(const std::filesystem::path& file,
                                           const nlohmann::json& record, std::size_t index) {
  const auto complain = [&](std::string_view what) {
    return refuse(file, fmt::format("message {}: {}", index + 1, what));
  };
  if (const auto flaw = flaw_of(record); !flaw.empty()) return complain(flaw);
  SignallingMessage message;
  const auto type = parse_signalling_type(text_member(record, "type"));
  if (!type) {
    return complain(
        fmt::format("unknown type \"{}\", expected offer, answer, pranswer, rollback, candidate, "
                    "end-of-candidates or note",
                    text_member(record, "type")));
  }
  message.type = *type;
  const auto sent = time_member(record, "t", kNanosecondsPerSecond);
  if (!sent) return complain("expected \"t\", seconds since the Unix epoch");
  message.sent = Duration{*sent};
  if (const auto found = record.find("t_delivered"); found != record.end() && !found->is_null()) {
    const auto delivered = time_member(record, "t_delivered", kNanosecondsPerSecond);
    if (!delivered) return complain("expected seconds since the Unix epoch as \"t_delivered\"");
    if (Duration{*delivered} + kClocksDisagree < message.sent)
      return complain("\"t_delivered\" is before \"t\", by more than two clocks may disagree");
    message.delivered = Duration{std::max(*sent, *delivered)};
  }
  message.from = text_member(record, "from");
  if (message.from.empty()) return complain("expected \"from\", the name of a peer");
  message.sdp = text_member(record, "sdp");
  message.candidate = text_member(record, "candidate");
  message.sdp_mid = optional_text_member(record, "sdpMid");
  message.username_fragment = optional_text_member(record, "usernameFragment");
  message.note = text_member(record, "note");
  const auto line = record.find("sdpMLineIndex");
  if (line != record.end() && line->is_number_unsigned()) {
    message.sdp_mline_index = line->get<std::uint64_t>();
  }
  if (const auto missing = missing_from(message, record); !missing.empty())
    return complain(missing);
  return message;
}

}  // namespace

std::optional<SignallingType> parse_signalling_type(std::string_view text) {
  for (const auto type : {SignallingType::Offer, SignallingType::Answer, SignallingType::Pranswer,
                          SignallingType::Rollback, SignallingType::Candidate,
                          SignallingType::EndOfCandidates, SignallingType::Note}) {
    if (to_string(type) == text) return type;
  }
  return std::nullopt;
}

FileResult<void> read_signalling(const std::filesystem::path& file, Evidence& evidence) {
  const auto content = read_file(file);
  if (!content) return tl::make_unexpected(content.error());
  const auto records = parse_json(file, *content);
  if (!records) return tl::make_unexpected(records.error());
  if (!records->is_array()) return refuse(file, "expected a JSON list of signalling messages");

  std::set<std::string> names;
  for (std::size_t i = 0; i < records->size(); ++i) {
    auto message = read_message(file, (*records)[i], i);
    if (!message) return tl::make_unexpected(message.error());
    names.insert(message->from);
    evidence.signalling.push_back(std::move(*message));
  }
  if (names.size() > 2) {
    return refuse(file, fmt::format("speaks of {} peers, expected two", names.size()));
  }
  // A call has two ends also when only one of them spoke.
  for (const auto* const name : {"a", "b"}) {
    if (names.size() < 2) names.insert(name);
  }
  for (auto& message : evidence.signalling) {
    message.to = message.from == *names.begin() ? *names.rbegin() : *names.begin();
  }
  for (const auto& name : names) evidence.parties.push_back({name, PartyKind::Peer, name, {}, {}});
  std::ranges::stable_sort(evidence.signalling, {}, &SignallingMessage::sent);
  return {};
}

}  // namespace rtclab::evidence
