// Small questions about text that files, flags and protocols all ask.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab {

// The parts between separators; empty parts are kept: split("a,,b", ',') is {"a", "", "b"}.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

// The whole of `text` as an unsigned number; nullopt when anything else stands in it or it does not
// fit.
[[nodiscard]] std::optional<std::uint64_t> parse_unsigned(std::string_view text, int base = 10);

// The name among `known` with the fewest edits to `wrong` (Levenshtein), for "did you mean";
// nullopt when none is near.
[[nodiscard]] std::optional<std::string> nearest(std::string_view wrong,
                                                 std::span<const std::string> known);

// ", did you mean "x"?" or the empty string: the usual tail of a message about an unknown name.
[[nodiscard]] std::string did_you_mean(std::string_view wrong, std::span<const std::string> known);

}  // namespace rtclab
