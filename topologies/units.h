// Quantities as people write them in files and on the command line: a number and its unit, no space
// between.
//
// Numbers are decimal and may have a fraction ("1.5s"); they are read exactly, without floating
// point, so that the same text is the same value everywhere.
#pragma once

#include "agents/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::units {

// "20ms", "1.5s", "5min": ns, us, ms, s, min, h, d. At most 1000 h; a fraction of a nanosecond is
// refused.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);
inline constexpr std::string_view kDurationForm =
    "a time of at most 1000h with its unit (ns, us, ms, s, min, h, d) such as 20ms or 1.5s";

// The same the other way: a whole number of the largest unit that has one. "1500ms", "5min", "2d".
// Precondition: not negative.
[[nodiscard]] std::string format_duration(Duration duration);

// "100Mbit/s": bit/s, kbit/s, Mbit/s, Gbit/s in powers of ten. Above 0 and at most 1000 Gbit/s.
[[nodiscard]] std::optional<std::uint64_t> parse_rate(std::string_view text);
inline constexpr std::string_view kRateForm =
    "a rate above 0 with its unit (bit/s, kbit/s, Mbit/s, Gbit/s) such as 100Mbit/s";

// "0.25", "-3": no exponent, nothing beside it.
[[nodiscard]] std::optional<double> parse_decimal(std::string_view text);
inline constexpr std::string_view kDecimalForm = "a number such as 3 or 0.25";

// "10%", "0.5%": 0 to 100 %, as a probability from 0 to 1.
[[nodiscard]] std::optional<double> parse_probability(std::string_view text);
inline constexpr std::string_view kProbabilityForm = "a share from 0% to 100% such as 10% or 0.5%";

// In whole numbers of the largest unit that has one, as the parsers read it back: "1500kbit/s".
[[nodiscard]] std::string format_rate(std::uint64_t bits_per_second);
// To six digits: "0.02%".
[[nodiscard]] std::string format_probability(double probability);

}  // namespace rtclab::units
