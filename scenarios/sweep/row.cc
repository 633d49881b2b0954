#include "scenarios/sweep/row.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace rtclab::sweep {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 6> kOutcomes{"as expected", "failed",  "refused",
                                                    "cut short",   "crashed", "hung"};

struct ToJson {
  Json operator()(std::monostate /*nothing*/) const { return nullptr; }
  Json operator()(bool truth) const { return truth; }
  Json operator()(double number) const { return number; }
  Json operator()(const std::string& text) const { return text; }
};

Figure figure_of(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  return {};
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  return kOutcomes.at(static_cast<std::size_t>(outcome));
}

std::optional<Outcome> parse_outcome(std::string_view text) {
  const auto* const found = std::ranges::find(kOutcomes, text);
  if (found == kOutcomes.end()) return std::nullopt;
  return static_cast<Outcome>(found - kOutcomes.begin());
}

Bytes to_octets(const Row& row) {
  auto figures = Json::array();
  for (const auto& figure : row.figures) figures.push_back(std::visit(ToJson{}, figure));
  const Json json{row.run, static_cast<unsigned>(row.outcome), row.detail, std::move(figures)};
  const auto octets = Json::to_cbor(json);
  const auto view = std::as_bytes(std::span{octets});
  return {view.begin(), view.end()};
}

std::optional<Row> parse_row(ByteView octets) {
  const auto* const begin = reinterpret_cast<const std::uint8_t*>(octets.data());
  const auto json = Json::from_cbor(begin, begin + octets.size(), true, false);
  const bool is_row = json.is_array() && json.size() == 4 && json[0].is_number_unsigned() &&
                      json[1].is_number_unsigned() && json[1].get<unsigned>() < kOutcomes.size() &&
                      json[2].is_string() && json[3].is_array();
  if (!is_row) return std::nullopt;
  Row row{.run = json[0].get<RunNumber>(),
          .outcome = static_cast<Outcome>(json[1].get<unsigned>()),
          .detail = json[2].get<std::string>()};
  for (const auto& figure : json[3]) row.figures.push_back(figure_of(figure));
  return row;
}

}  // namespace rtclab::sweep
