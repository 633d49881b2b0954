// How a message quotes what a person wrote, and names what might have been meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace rtclab::xml {

// One line, not long.
[[nodiscard]] std::string shown(std::string_view text);
[[nodiscard]] std::string in_quotes(std::string_view text);
[[nodiscard]] std::string in_brackets(std::string_view element);  // <element>

// ", did you mean "alice"?", or nothing.
[[nodiscard]] std::string suggestion(std::string_view wrong, std::span<const std::string> known);

// "a, b or c"
[[nodiscard]] std::string listed(std::span<const std::string> names);

}  // namespace rtclab::xml
