#include "reports/evidence/trace_file.h"

#include "reports/evidence/file.h"
#include "reports/evidence/json_file.h"
#include "reports/evidence/signalling_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace rtclab::evidence {
namespace {

using nlohmann::json;

constexpr double kNanosecondsPerMillisecond = 1e6;

PartyKind parse_kind(std::string_view text) {
  if (text == "peer") return PartyKind::Peer;
  if (text == "nat" || text == "nat64" || text == "clat" || text == "npt" || text == "firewall")
    return PartyKind::Nat;
  if (text == "stun-server" || text == "stun") return PartyKind::StunServer;
  if (text == "turn-server" || text == "turn") return PartyKind::TurnServer;
  if (text == "signalling" || text == "signalling-server") return PartyKind::Signalling;
  if (text == "router" || text == "switch" || text == "lan" || text == "core")
    return PartyKind::Router;
  return PartyKind::Unknown;
}

// "2026-01-01T00:00:00.000Z", the only form of the qlog header that we write.
std::optional<std::int64_t> parse_epoch(std::string_view text) {
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const std::string copy{text};
  if (std::sscanf(copy.c_str(), "%4d-%2u-%2uT%2u:%2u:%2u", &year, &month, &day, &hour, &minute,
                  &second) != 6) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!date.ok() || year < 1970 || year > 2200) return std::nullopt;
  const auto days = std::chrono::sys_days{date}.time_since_epoch();
  const auto seconds = std::chrono::seconds{days} + std::chrono::hours{hour} +
                       std::chrono::minutes{minute} + std::chrono::seconds{second};
  return std::chrono::nanoseconds{seconds}.count();
}

const json* member(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

Party read_party(const json& point) {
  Party party;
  party.name = text_member(point, "name");
  party.kind = parse_kind(text_member(point, "type"));
  party.machine = text_member(point, "machine");
  if (party.machine.empty()) party.machine = party.name;
  const auto* const interfaces = member(point, "interfaces");
  if (interfaces == nullptr || !interfaces->is_array()) return party;
  for (const auto& interface : *interfaces) {
    if (!interface.is_object()) continue;
    auto address = text_member(interface, "address");
    address = address.substr(0, address.find('/'));
    if (const auto ip = Ip::parse(address)) {
      party.addresses.push_back({text_member(interface, "name"), *ip});
    }
  }
  return party;
}

FileResult<void> read_header(const std::filesystem::path& file, const json& header,
                             Evidence& evidence) {
  const auto* const points = header.is_object() ? member(header, "vantage_points") : nullptr;
  if (points == nullptr || !points->is_array()) {
    return refuse(file, "is not a trace: its first line has no list \"vantage_points\"", 1);
  }
  evidence.title = text_member(header, "title");
  evidence.description = text_member(header, "description");
  const auto epoch = json::json_pointer{"/common_fields/reference_time/epoch"};
  if (!header.contains(epoch) || !header.at(epoch).is_string()) {
    return refuse(file, "is not a trace: its first line has no common_fields.reference_time.epoch",
                  1);
  }
  const auto origin = parse_epoch(header.at(epoch).get<std::string>());
  if (!origin)
    return refuse(file, "has an epoch that is no date of the form 2026-01-01T00:00:00Z", 1);
  evidence.origin = *origin;
  for (const auto& point : *points) {
    if (!point.is_object() || text_member(point, "name").empty()) {
      return refuse(file, "has a vantage point without a name", 1);
    }
    evidence.parties.push_back(read_party(point));
  }
  return {};
}

FileResult<TraceEvent> read_event(const std::filesystem::path& file, const json& record,
                                  std::size_t line) {
  if (!record.is_object()) return refuse(file, "expected a JSON object", line);
  const auto at = time_member(record, "time", kNanosecondsPerMillisecond);
  if (!at) return refuse(file, "expected an event with a \"time\" in milliseconds", line);
  TraceEvent event;
  event.at = Duration{*at};
  event.vantage = text_member(record, "vantage");
  event.name = text_member(record, "name");
  event.rule = text_member(record, "rule");
  event.line = line;
  if (event.name.empty()) return refuse(file, "expected an event with a \"name\"", line);
  if (const auto* const data = member(record, "data"); data != nullptr && data->is_object()) {
    for (const auto& [key, value] : data->items()) event.data.emplace_back(key, value_of(value));
  }
  return event;
}

SignallingMessage read_sent(const TraceEvent& event, SignallingType type) {
  SignallingMessage message;
  message.type = type;
  message.id = event.text("id");
  message.sent = event.at;
  message.from = event.text("from").empty() ? event.vantage : event.text("from");
  message.to = event.text("to");
  message.sdp = event.text("sdp");
  message.candidate = event.text("candidate");
  if (event.find("sdp_mid") != nullptr) message.sdp_mid = event.text("sdp_mid");
  if (const auto index = event.number("sdp_mline_index"); index && *index >= 0 && *index < 65536) {
    message.sdp_mline_index = static_cast<std::uint64_t>(*index);
  }
  if (event.find("username_fragment") != nullptr) {
    message.username_fragment = event.text("username_fragment");
  }
  return message;
}

// A whole number of at least 1, as parts and attempts are; 1 where there is none.
unsigned count_of(const TraceEvent& event, std::string_view key) {
  const auto number = event.number(key);
  return number && *number >= 1 && *number < 1e6 ? static_cast<unsigned>(*number) : 1;
}

// signalling:sent at one peer and signalling:received at the other are one message; what a courier
// tells of its pieces are its flights.
class SignallingCollector {
 public:
  explicit SignallingCollector(Evidence& evidence) : evidence_{evidence} {}

  void take(const TraceEvent& event) {
    if (event.name == "signalling:sent") return note_sent(event);
    auto* const message = find(event.text("id"));
    if (message == nullptr) return;
    // An application may act on a second copy; delivered is delivered by the first.
    if (event.name == "signalling:received" && !message->delivered) message->delivered = event.at;
    if (event.name == "signalling:dispatched") note_departure(*message, event);
    if (event.name == "signalling:duplicated") note_copy(*message, event);
    auto* const flight = find_flight(*message, event.text("item"));
    if (flight == nullptr) return;
    if (event.name == "signalling:arrived") flight->arrived = event.at;
    if (event.name == "signalling:lost") flight->lost = event.at;
  }

 private:
  void note_sent(const TraceEvent& event) {
    const auto type = parse_signalling_type(event.text("type"));
    if (!type) return;
    by_id_[event.text("id")] = evidence_.signalling.size();
    evidence_.signalling.push_back(read_sent(event, *type));
  }

  static void note_departure(SignallingMessage& message, const TraceEvent& event) {
    message.flights.push_back({.item = event.text("item"),
                               .part = count_of(event, "part"),
                               .parts = count_of(event, "parts"),
                               .attempt = count_of(event, "attempt"),
                               .acknowledges = event.text("acknowledges") == "true",
                               .departed = event.at});
  }

  // "alice-3.2#1*" is the copy of "alice-3.2#1".
  static void note_copy(SignallingMessage& message, const TraceEvent& event) {
    const auto item = event.text("item");
    const auto* const original = find_flight(message, item.substr(0, item.size() - 1));
    if (original == nullptr) return;
    auto copy = *original;
    copy.item = item;
    copy.is_copy = true;
    message.flights.push_back(std::move(copy));
  }

  SignallingMessage* find(const std::string& id) {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &evidence_.signalling[found->second];
  }
  static Flight* find_flight(SignallingMessage& message, const std::string& item) {
    const auto found = std::ranges::find(message.flights, item, &Flight::item);
    return found == message.flights.end() ? nullptr : &*found;
  }

  Evidence& evidence_;
  std::map<std::string, std::size_t> by_id_;
};

void collect_signalling(Evidence& evidence) {
  SignallingCollector collector{evidence};
  for (const auto& event : evidence.trace) collector.take(event);
}

}  // namespace

FileResult<void> read_trace(const std::filesystem::path& file, Evidence& evidence) {
  return read_file(file).and_then(
      [&](const std::string& content) { return parse_trace(file, content, evidence); });
}

FileResult<void> parse_trace(const std::filesystem::path& file, std::string_view content,
                             Evidence& evidence) {
  auto rest = content;
  for (std::size_t line = 1; !rest.empty(); ++line) {
    const auto end = rest.find('\n');
    const auto text = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (text.empty()) continue;
    const auto record = parse_json(file, text, line);
    // A process that was killed leaves half a line at the end.
    if (!record && end == std::string_view::npos && line > 1) {
      evidence.warnings.push_back(
          fmt::format("{} ends inside line {}: it is cut off, and only what stands before is in "
                      "the evidence",
                      file.filename().string(), line));
      break;
    }
    if (!record) return tl::make_unexpected(record.error());
    if (line == 1) {
      if (auto header = read_header(file, *record, evidence); !header) return header;
      continue;
    }
    auto event = read_event(file, *record, line);
    if (!event) return tl::make_unexpected(event.error());
    evidence.trace.push_back(std::move(*event));
  }
  evidence.has_trace = true;
  collect_signalling(evidence);
  return {};
}

}  // namespace rtclab::evidence
