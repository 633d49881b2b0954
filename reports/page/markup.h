// What every page of rtclab is made with: text that is safe between tags, and one look.
#pragma once

#include <string>
#include <string_view>

namespace rtclab::page {

// Text as it may stand between tags or in a quoted attribute.
[[nodiscard]] std::string escape(std::string_view text);

// Light or dark as the reader's system is; narrow windows and print are seen to.
[[nodiscard]] std::string_view style_sheet();

}  // namespace rtclab::page
