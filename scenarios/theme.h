// What a scenario is about, from a closed list: rtclab list scenarios groups them by it.
#pragma once

#include <span>
#include <string_view>

namespace rtclab::scenario {

struct Theme {
  std::string_view name;   // "glare", as <scenario theme="…"> has it
  std::string_view title;  // "offers that cross each other"
};

// In the order in which they are shown, from a first call to what few ever need.
[[nodiscard]] std::span<const Theme> themes();
// nullptr when there is none of this name.
[[nodiscard]] const Theme* find_theme(std::string_view name);

}  // namespace rtclab::scenario
