// Whether what is shown flows: the first frame and freezes.
//
// Spec: W3C webrtc-stats §8.5, freezeCount: an interval between two frames that is at least max(3
// d, d + 150 ms), with d the mean length of the intervals before, 30 of them.
#pragma once

#include "agents/base/time.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace rtclab::media {

class Smoothness {
 public:
  // A frame is shown. The length of the interval that ends with it, if that was a freeze.
  std::optional<Duration> shown(Instant at) {
    const auto before = latest_;
    latest_ = at;
    if (!before) return std::nullopt;
    const auto interval = at - *before;
    const auto mean = count_ > 0 ? sum_ / static_cast<Duration::rep>(count_) : Duration{};
    const bool frozen = count_ > 0 && interval >= std::max(3 * mean, mean + kLeastFreeze);
    sum_ += interval - intervals_[next_];
    intervals_[next_] = interval;
    next_ = (next_ + 1) % intervals_.size();
    count_ = std::min(count_ + 1, intervals_.size());
    return frozen ? std::optional{interval} : std::nullopt;
  }

 private:
  static constexpr Duration kLeastFreeze = std::chrono::milliseconds{150};
  std::optional<Instant> latest_;
  std::array<Duration, 30> intervals_{};
  std::size_t next_ = 0, count_ = 0;
  Duration sum_{};
};

}  // namespace rtclab::media
