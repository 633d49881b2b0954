// The RTP timestamps of one stream: a clock that runs at its rate from a random origin.
//
// Spec: RFC 3550 §5.1 (timestamp), §6.4.1 (an SR says what its timestamp is "now").
#pragma once

#include "agents/base/time.h"
#include "agents/rtp/types.h"

#include <cstdint>

namespace rtclab::media {

// Ticks of a clock of `rate` Hz in a length of time, rounded to the nearest.
[[nodiscard]] constexpr std::int64_t to_ticks(Duration length, std::uint32_t rate) {
  const auto seconds = length.count() / 1'000'000'000;
  const auto rest = length.count() % 1'000'000'000;
  const auto part = rest * std::int64_t{rate};
  return seconds * std::int64_t{rate} +
         (part + (part < 0 ? -500'000'000 : 500'000'000)) / 1'000'000'000;
}
[[nodiscard]] constexpr Duration to_length(std::int64_t ticks, std::uint32_t rate) {
  const auto whole = ticks / std::int64_t{rate};
  const auto rest = ticks % std::int64_t{rate};
  return Duration{whole * 1'000'000'000 + rest * 1'000'000'000 / std::int64_t{rate}};
}

struct RtpClock {
  std::uint32_t rate = 90000;
  rtp::RtpTimestamp origin{0};  // at Instant{0}

  [[nodiscard]] rtp::RtpTimestamp at(Instant instant) const {
    return origin.plus(to_ticks(instant.time_since_epoch(), rate));
  }
};

// RTP timestamps of one stream that came in, unwrapped to a length of time since its first.
class RtpTimeline {
 public:
  explicit RtpTimeline(std::uint32_t rate) : rate_{rate} {}
  [[nodiscard]] std::uint32_t rate() const { return rate_; }
  Duration at(rtp::RtpTimestamp timestamp) {
    if (!started_) {
      started_ = true;
      latest_ = timestamp;
    }
    const auto step = timestamp.ahead_of(latest_);
    const auto ticks = ticks_ + step;
    if (step > 0) {
      ticks_ = ticks;
      latest_ = timestamp;
    }
    return to_length(ticks, rate_);
  }

 private:
  std::uint32_t rate_;
  bool started_ = false;
  rtp::RtpTimestamp latest_{0};
  std::int64_t ticks_ = 0;
};

}  // namespace rtclab::media
