// The colours of the diagrams, light and dark, as a style sheet.
#pragma once

#include "reports/diagrams/story.h"

#include <string>
#include <string_view>

namespace rtclab::diagrams {

// "lane-stun"
[[nodiscard]] std::string_view css_class(Lane lane);
// "badge-ice"
[[nodiscard]] std::string_view css_class(BadgeKind kind);

// A <style> element. Every rule stands below .rtclab-diagram, so that a page can hold several
// diagrams and have a style of its own. Colours are literal, with a second set for dark systems:
// not every viewer of SVG knows CSS variables.
[[nodiscard]] std::string style_sheet();

}  // namespace rtclab::diagrams
