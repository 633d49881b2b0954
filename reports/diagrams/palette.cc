#include "reports/diagrams/palette.h"

#include <fmt/format.h>

#include <array>

namespace rtclab::diagrams {
namespace {

struct Shade {
  std::string_view css_class;
  std::string_view light;
  std::string_view dark;
};
// clang-format off
constexpr std::array kLanes{
    Shade{"lane-signalling", "#7c3aed", "#c4b5fd"},
    Shade{"lane-stun",       "#2563eb", "#7db4ff"},
    Shade{"lane-turn",       "#0e7490", "#5fd8ec"},
    Shade{"lane-dtls",       "#b45309", "#fbbf54"},
    Shade{"lane-data",       "#15803d", "#7fe0a0"},
    Shade{"lane-media",      "#be185d", "#f9a8d4"},
    Shade{"lane-tcp",        "#64748b", "#9fb0c6"},
    Shade{"lane-other",      "#64748b", "#9fb0c6"},
};
constexpr std::array kBadges{
    Shade{"badge-call",        "#475569", "#cbd5e1"},
    Shade{"badge-signaling",   "#7c3aed", "#c4b5fd"},
    Shade{"badge-description", "#a21caf", "#f0abfc"},
    Shade{"badge-ice",         "#2563eb", "#7db4ff"},
    Shade{"badge-connection",  "#0f766e", "#5eead4"},
    Shade{"badge-data",        "#15803d", "#7fe0a0"},
    Shade{"badge-network",     "#b45309", "#fbbf54"},
    Shade{"badge-failure",     "#dc2626", "#ff8a8a"},
};
// clang-format on

// Sizes and weights, the same in both lights.
constexpr std::string_view kForms = R"(
.rtclab-diagram{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif;font-size:11px}
.rtclab-diagram .title{font-size:20px;font-weight:650}
.rtclab-diagram .description{font-size:12.5px}
.rtclab-diagram .name{font-size:13px;font-weight:650;text-anchor:middle}
.rtclab-diagram .small{font-size:10px}
.rtclab-diagram .middle{text-anchor:middle}
.rtclab-diagram .end{text-anchor:end}
.rtclab-diagram .tick{font-size:10px;text-anchor:end;font-variant-numeric:tabular-nums}
.rtclab-diagram .strong{font-weight:650}
.rtclab-diagram .label,.rtclab-diagram .reason{paint-order:stroke;stroke-width:3.5px;stroke-linejoin:round}
.rtclab-diagram .reason{font-size:10px;font-style:italic}
.rtclab-diagram .lifeline{stroke-width:1.2;stroke-dasharray:2 4}
.rtclab-diagram .arrow{fill:none;stroke-width:1.5;stroke-linejoin:round}
.rtclab-diagram .folded{stroke-width:3.2}
.rtclab-diagram .inner{fill:none;stroke-width:1.2}
.rtclab-diagram .unseen{stroke-dasharray:7 3}
.rtclab-diagram .hollow{stroke-width:1.4}
.rtclab-diagram .hit{fill:none;stroke:#000;stroke-opacity:0;stroke-width:11}
.rtclab-diagram .cross{fill:none;stroke-width:2.2;stroke-linecap:round}
.rtclab-diagram .bar{stroke:none;fill-opacity:.32}
.rtclab-diagram .badge{stroke-width:1;fill-opacity:.11;stroke-opacity:.55}
.rtclab-diagram .badge-text{font-size:10.5px}
.rtclab-diagram .wire{fill:none;stroke-width:1}
.rtclab-diagram .edge{fill:none;stroke-width:1.3}
.rtclab-diagram .thick{stroke-width:3}
.rtclab-diagram .faint{opacity:.5}
)";

struct Theme {
  std::string_view paper, ink, muted, line, box, bad, good, chosen;
};
constexpr Theme kLight{"#ffffff", "#0f172a", "#64748b", "#cbd5e1",
                       "#f1f5f9", "#dc2626", "#15803d", "#fbbf24"};
constexpr Theme kDark{"#10151f", "#e6ebf3", "#93a1b5", "#3a475a",
                      "#1b2330", "#ff8a8a", "#7fe0a0", "#fbbf24"};

std::string rules(const Theme& theme, bool dark) {
  std::string css;
  const auto& lane = kLanes[static_cast<std::size_t>(Lane::Media)];
  const auto media = dark ? lane.dark : lane.light;
  const auto rule = [&](std::string_view selectors, std::string_view body) {
    css += fmt::format(".rtclab-diagram {}{{{}}}\n", selectors, body);
  };
  rule(".paper", fmt::format("fill:{}", theme.paper));
  rule("text", fmt::format("fill:{}", theme.ink));
  rule(".muted", fmt::format("fill:{}", theme.muted));
  rule(".lifeline", fmt::format("stroke:{}", theme.muted));
  rule(".wire", fmt::format("stroke:{}", theme.line));
  rule(".edge", fmt::format("stroke:{}", theme.line));
  rule(".box", fmt::format("fill:{};stroke:{}", theme.box, theme.line));
  rule(".card", fmt::format("fill:{};stroke:{}", theme.paper, theme.line));
  rule(".gap", fmt::format("fill:{}", theme.box));
  rule(".reason", fmt::format("fill:{};stroke:{}", theme.bad, theme.paper));
  rule(".label", fmt::format("stroke:{}", theme.paper));
  rule(".cross", fmt::format("stroke:{}", theme.bad));
  rule(".bad", fmt::format("fill:{}", theme.bad));
  rule(".good", fmt::format("fill:{}", theme.good));
  rule(".inner", fmt::format("stroke:{}", theme.paper));
  rule(".edge-good", fmt::format("stroke:{}", theme.good));
  rule(".edge-bad", fmt::format("stroke:{}", theme.bad));
  rule(".chosen", fmt::format("stroke:{};stroke-width:2.5", theme.good));
  rule(".ribbon", fmt::format("fill:{}", theme.good));
  rule(".media-arrived", fmt::format("fill:{};fill-opacity:.5", media));
  rule(".media-repaired", fmt::format("fill:{}", theme.chosen));
  rule(".media-missing", fmt::format("fill:{}", theme.bad));
  rule(".media-nack", fmt::format("fill:{}", theme.muted));
  rule(".media-picture", fmt::format("fill:{};stroke:{}", theme.paper, theme.ink));
  rule(".ribbon-text", fmt::format("fill:{};font-weight:650", theme.paper));
  for (const auto& colour : kLanes) {
    const auto value = dark ? colour.dark : colour.light;
    rule(fmt::format(".arrow.{}", colour.css_class), fmt::format("stroke:{}", value));
    rule(fmt::format("text.{0},.rtclab-diagram .head.{0},.rtclab-diagram .bar.{0}",
                     colour.css_class),
         fmt::format("fill:{}", value));
    rule(fmt::format(".hollow.{}", colour.css_class),
         fmt::format("fill:{};stroke:{}", theme.paper, value));
  }
  for (const auto& colour : kBadges) {
    const auto value = dark ? colour.dark : colour.light;
    rule(fmt::format(".badge.{}", colour.css_class), fmt::format("fill:{0};stroke:{0}", value));
    rule(fmt::format("text.{}", colour.css_class), fmt::format("fill:{}", value));
  }
  return css;
}

}  // namespace

std::string_view css_class(Lane lane) {
  return kLanes[static_cast<std::size_t>(lane)].css_class;
}
std::string_view css_class(BadgeKind kind) {
  return kBadges[static_cast<std::size_t>(kind)].css_class;
}

std::string style_sheet() {
  return fmt::format("<style>{}{}@media (prefers-color-scheme:dark){{\n{}}}\n</style>\n", kForms,
                     rules(kLight, false), rules(kDark, true));
}

}  // namespace rtclab::diagrams
