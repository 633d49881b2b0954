#include "scenarios/sweep/number_range.h"

#include "topologies/units.h"

#include <fmt/format.h>

#include <functional>

namespace rtclab::sweep {
namespace {

using Range = tl::expected<std::vector<std::string>, std::string>;

auto refuse(std::string sentence) {
  return tl::make_unexpected(std::move(sentence));
}

// A step is added so often that what does not come out even in binary must not lose the last one.
constexpr double kSlack = 1e-9;

Range numbers(const Quantity& from, const Quantity& to,
              const std::function<double(std::size_t)>& at) {
  std::vector<std::string> values;
  const auto most = to.number + kSlack * (1 + std::abs(to.number));
  for (std::size_t i = 0; at(i) <= most; ++i) {
    if (i == kMostOfARange) return refuse(fmt::format("more than {} values", kMostOfARange));
    values.push_back(to_string(Quantity{at(i), from.unit}));
  }
  if (values.back() != to_string(to)) {
    const auto next = to_string(Quantity{at(values.size()), from.unit});
    return refuse(
        fmt::format("{} is not met: after {} comes {}", to_string(to), values.back(), next));
  }
  return values;
}

struct Ends {
  Quantity from;
  Quantity to;
};
tl::expected<Ends, std::string> ends_of(std::string_view from, std::string_view to) {
  const auto first = parse_quantity(from);
  const auto last = parse_quantity(to);
  if (!first)
    return refuse(fmt::format("from: expected a number and its unit, found \"{}\"", from));
  if (!last) return refuse(fmt::format("to: expected a number and its unit, found \"{}\"", to));
  if (first->unit != last->unit) {
    return refuse(fmt::format("expected one unit, found \"{}\" and \"{}\"", from, to));
  }
  if (last->number < first->number) return refuse(fmt::format("{} is less than {}", to, from));
  return Ends{*first, *last};
}

}  // namespace

std::optional<Quantity> parse_quantity(std::string_view text) {
  const auto end = text.find_first_not_of("0123456789.-");
  const auto number = units::parse_decimal(text.substr(0, end));
  if (!number) return std::nullopt;
  return Quantity{*number, end == std::string_view::npos ? "" : std::string{text.substr(end)}};
}

std::string to_string(const Quantity& quantity) {
  auto text = fmt::format("{:.9f}", quantity.number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  if (text == "-0") text = "0";
  return text + quantity.unit;
}

Range even_range(std::string_view from, std::string_view to, std::string_view step) {
  const auto ends = ends_of(from, to);
  if (!ends) return refuse(ends.error());
  const auto by = parse_quantity(step);
  if (!by || by->number <= 0 || by->unit != ends->from.unit) {
    return refuse(
        fmt::format("step: expected a number above 0 with the unit of from, found \"{}\"", step));
  }
  return numbers(ends->from, ends->to, [&](std::size_t i) {
    return ends->from.number + static_cast<double>(i) * by->number;
  });
}

Range scaled_range(std::string_view from, std::string_view to, std::string_view factor) {
  const auto ends = ends_of(from, to);
  if (!ends) return refuse(ends.error());
  const auto by = units::parse_decimal(factor);
  if (!by || *by <= 1) {
    return refuse(fmt::format("factor: expected a number above 1, found \"{}\"", factor));
  }
  if (ends->from.number <= 0) return refuse("from: expected more than 0 where a factor is given");
  double value = ends->from.number;
  std::size_t at = 0;
  return numbers(ends->from, ends->to, [&](std::size_t i) {
    for (; at < i; ++at) value *= *by;
    return value;
  });
}

}  // namespace rtclab::sweep
