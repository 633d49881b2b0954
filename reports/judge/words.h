// Numbers and names as findings say them.
#pragma once

#include "agents/base/time.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace rtclab::judge {

[[nodiscard]] inline double milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

[[nodiscard]] inline double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// ASCII only: SDP compares names of encodings and transports without regard to case.
[[nodiscard]] inline std::string lower_case(std::string_view text) {
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return lower;
}

}  // namespace rtclab::judge
