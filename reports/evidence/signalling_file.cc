#include "reports/evidence/signalling_file.h"

#include "reports/evidence/file.h"
#include "reports/evidence/json_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace rtclab::evidence {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;

FileResult<SignallingMessage> read_message(const std::filesystem::path& file,
                                           const nlohmann::json& record, std::size_t index) {
  const auto complain = [&](std::string_view what) {
    return refuse(file, fmt::format("message {}: {}", index + 1, what));
  };
  if (!record.is_object()) return complain("expected a JSON object");
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
  if (const auto delivered = time_member(record, "t_delivered", kNanosecondsPerSecond)) {
    // Two machines' clocks can disagree; nothing arrives before it was sent.
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
