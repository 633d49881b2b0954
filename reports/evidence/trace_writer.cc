#include "reports/evidence/trace_writer.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iterator>
#include <ostream>

namespace rtclab::evidence {
namespace {

// Text from the network may be no UTF-8; it must not end a run, so bad octets become U+FFFD.
void append_text(std::string& out, std::string_view text) {
  out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// "2026-01-01T00:00:00.000Z"
std::string calendar_text(std::chrono::seconds since_1970) {
  const std::chrono::sys_seconds time{since_1970};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.000Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

struct AppendValue {
  std::string& out;
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(const std::string& value) const { append_text(out, value); }
  // nlohmann writes the shortest decimal that reads back as the same double, in every locale.
  void operator()(double value) const { out += nlohmann::json(value).dump(); }
  template <class Integer>
  void operator()(Integer value) const {
    fmt::format_to(std::back_inserter(out), "{}", value);
  }
};

}  // namespace

TraceWriter::TraceWriter(std::ostream& out, const TraceHeader& header) : out_{out} {
  auto points = nlohmann::ordered_json::array();
  for (const auto& point : header.vantage_points) {
    auto interfaces = nlohmann::ordered_json::array();
    for (const auto& [name, address] : point.interfaces) {
      interfaces.push_back({{"name", name}, {"address", address}});
    }
    points.push_back({{"name", point.name},
                      {"type", point.type},
                      {"machine", point.machine},
                      {"interfaces", std::move(interfaces)}});
  }
  const nlohmann::ordered_json first{
      {"qlog_format", "JSON-LINES"},
      {"qlog_version", "0.4"},
      {"title", header.title},
      {"description", header.description},
      {"common_fields",
       {{"time_format", "relative_to_epoch"},
        {"reference_time", {{"epoch", calendar_text(header.epoch)}}}}},
      {"vantage_points", std::move(points)}};
  out_ << first.dump() << '\n';
}

void TraceWriter::write(Instant at, std::string_view vantage, const Event& event) {
  const auto nanoseconds = at.time_since_epoch().count();
  line_.clear();
  fmt::format_to(std::back_inserter(line_), R"({{"time":{}.{:06},"vantage":)",
                 nanoseconds / 1'000'000, nanoseconds % 1'000'000);
  append_text(line_, vantage);
  fmt::format_to(std::back_inserter(line_), R"(,"name":"{}","data":{{)", event.name);
  for (const auto& field : event.fields) {
    if (&field != &event.fields.front()) line_ += ',';
    fmt::format_to(std::back_inserter(line_), R"("{}":)", field.key);
    std::visit(AppendValue{line_}, field.value);
  }
  line_ += '}';
  if (event.rule) {
    line_ += R"(,"rule":)";
    append_text(line_, event.rule->to_string());
  }
  line_ += "}\n";
  out_ << line_;
}

}  // namespace rtclab::evidence
