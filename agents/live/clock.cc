#include "agents/live/clock.h"

namespace rtclab::live {

Clock::Clock() {
  const auto calendar = std::chrono::system_clock::now();
  const auto whole = std::chrono::floor<std::chrono::seconds>(calendar);
  epoch_ = whole.time_since_epoch();
  zero_ = std::chrono::steady_clock::now() -
          std::chrono::duration_cast<std::chrono::steady_clock::duration>(calendar - whole);
}

Instant Clock::now() const {
  return Instant{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - zero_)};
}

std::chrono::steady_clock::time_point Clock::when(Instant at) const {
  return zero_ +
         std::chrono::duration_cast<std::chrono::steady_clock::duration>(at.time_since_epoch());
}

}  // namespace rtclab::live
