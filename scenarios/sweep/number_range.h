// "from 10ms to 100ms by 30ms": numbers with one unit, in even steps or by a factor.
#pragma once

#include "agents/base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::sweep {

// A number and what stands behind it: 2.5 and "ms".
struct Quantity {
  double number = 0;
  std::string unit;
};
// "-1.5s", "30%", "7"; nullopt when it does not begin with a decimal number.
[[nodiscard]] std::optional<Quantity> parse_quantity(std::string_view text);

// At most nine decimals, none too many: "2.5ms", "1500ms".
[[nodiscard]] std::string to_string(const Quantity& quantity);

constexpr std::size_t kMostOfARange = 100'000;

// from, from + step, … up to and including `to`, which has to be met; the error is the sentence
// that says what is wrong.
[[nodiscard]] tl::expected<std::vector<std::string>, std::string> even_range(std::string_view from,
                                                                             std::string_view to,
                                                                             std::string_view step);
// from, from · factor, … up to and including `to`.
[[nodiscard]] tl::expected<std::vector<std::string>, std::string> scaled_range(
    std::string_view from, std::string_view to, std::string_view factor);

}  // namespace rtclab::sweep
