// The pieces of report.html, each a function from values to markup.
#pragma once

#include "reports/page/markup.h"
#include "reports/page/report.h"

#include <string>
#include <string_view>

namespace rtclab::page {

[[nodiscard]] std::string summary_section(const Report& report);
[[nodiscard]] std::string sequence_section(std::string_view sequence_svg);
[[nodiscard]] std::string pairs_section(const Report& report);
// Empty when there was no media.
[[nodiscard]] std::string media_section(const Report& report);
// Links to the arrows that the sequence diagram has: packets that it folds have none of their own.
[[nodiscard]] std::string verdicts_section(const Report& report, std::string_view sequence_svg);
[[nodiscard]] std::string signalling_section(const Report& report);

}  // namespace rtclab::page
