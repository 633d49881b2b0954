#include "topologies/units.h"

#include "agents/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

namespace rtclab::units {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t scale;  // a power of ten times something, so that decimal fractions come out whole
};

constexpr std::array kTimes{Unit{"ns", 1},
                            Unit{"us", 1'000},
                            Unit{"ms", 1'000'000},
                            Unit{"s", 1'000'000'000},
                            Unit{"min", 60'000'000'000},
                            Unit{"h", 3'600'000'000'000},
                            Unit{"d", 86'400'000'000'000}};

// `text` in the smallest unit. Only digits, with at most one point between digits, and one of
// `units` behind; nullopt for anything else, for what is above `most`, and for a fraction that the
// smallest unit cannot hold.
std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units,
                                   std::uint64_t most) {
  const auto number_end = text.find_first_not_of("0123456789.");
  if (number_end == std::string_view::npos) return std::nullopt;
  std::uint64_t scale = 0;
  for (const auto& unit : units) {
    if (unit.name == text.substr(number_end)) scale = unit.scale;
  }
  if (scale == 0) return std::nullopt;

  const auto number = text.substr(0, number_end);
  const auto point = number.find('.');
  const auto whole = parse_unsigned(number.substr(0, point));
  if (!whole || *whole > most / scale) return std::nullopt;
  auto value = *whole * scale;
  if (point == std::string_view::npos) return value;

  const auto fraction = number.substr(point + 1);
  if (fraction.empty()) return std::nullopt;
  for (const char digit : fraction) {
    if (digit == '.') return std::nullopt;
    const auto worth = static_cast<std::uint64_t>(digit - '0');
    if (worth != 0 && scale % 10 != 0) return std::nullopt;
    scale /= 10;
    value += worth * scale;
  }
  if (value > most) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const auto value = parse(text, kTimes, 1000 * 3'600'000'000'000);
  if (!value) return std::nullopt;
  return Duration{static_cast<Duration::rep>(*value)};
}

std::string format_duration(Duration duration) {
  const auto value = static_cast<std::uint64_t>(duration.count());
  if (value == 0) return "0s";
  const auto* unit = kTimes.end() - 1;
  while (value % unit->scale != 0) --unit;
  return std::to_string(value / unit->scale) + std::string{unit->name};
}

std::optional<std::uint64_t> parse_rate(std::string_view text) {
  constexpr std::array kUnits{Unit{"bit/s", 1}, Unit{"kbit/s", 1'000}, Unit{"Mbit/s", 1'000'000},
                              Unit{"Gbit/s", 1'000'000'000}};
  const auto value = parse(text, kUnits, 1'000'000'000'000);
  return value == 0u ? std::nullopt : value;
}

std::optional<double> parse_decimal(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789.-") != std::string_view::npos)
    return std::nullopt;
  double value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<double> parse_probability(std::string_view text) {
  constexpr std::uint64_t kPercent = 1'000'000'000;
  constexpr std::array kUnits{Unit{"%", kPercent}};
  const auto value = parse(text, kUnits, 100 * kPercent);
  if (!value) return std::nullopt;
  return static_cast<double>(*value) / (100.0 * kPercent);
}

std::string format_rate(std::uint64_t bits_per_second) {
  constexpr std::array<std::pair<std::uint64_t, std::string_view>, 4> kNames{
      {{1'000'000'000, "Gbit/s"}, {1'000'000, "Mbit/s"}, {1'000, "kbit/s"}, {1, "bit/s"}}};
  const auto* const unit = std::ranges::find_if(
      kNames, [&](const auto& name) { return bits_per_second % name.first == 0; });
  return std::to_string(bits_per_second / unit->first) + std::string{unit->second};
}

std::string format_probability(double probability) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), probability * 100,
                                 std::chars_format::general, 6)
                       .ptr;
  return std::string{text.data(), end} + "%";
}

}  // namespace rtclab::units
