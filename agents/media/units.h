// Lengths of time as numbers, for formulas and reports.
#pragma once

#include "agents/base/time.h"

namespace rtclab::media {

[[nodiscard]] constexpr double in_seconds(Duration length) {
  return std::chrono::duration<double>{length}.count();
}
[[nodiscard]] constexpr double in_milliseconds(Duration length) {
  return std::chrono::duration<double, std::milli>{length}.count();
}
[[nodiscard]] constexpr Duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{seconds});
}

}  // namespace rtclab::media
