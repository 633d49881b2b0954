// When what arrived is due: how long a jitter buffer keeps packets, and how that adapts.
//
// The transit of a packet is its arrival less its RTP time. The least transit of the last 10 to 20
// s is the path without queues; what a packet took beyond it is its relative delay. The target
// follows the relative delays as an envelope: it rises to a larger one at once and falls towards
// the smaller ones with a time constant of 8 s. A packet is due when its RTP time, the least
// transit and the target have passed. What was repaired counts too, so that the buffer grows to the
// time a repair takes, up to `max`. Media is due in order: nothing before what is due already.
#pragma once

#include "agents/base/time.h"

#include <algorithm>
#include <optional>

namespace rtclab::media {

struct PlayoutLimits {
  Duration min = std::chrono::milliseconds{20};
  Duration max = std::chrono::milliseconds{500};
};

class PlayoutDelay {
 public:
  explicit PlayoutDelay(const PlayoutLimits& limits) : limits_{limits}, target_{limits.min} {}

  // Something with this RTP time (since the stream's first) was complete at `arrival`.
  void note(Instant arrival, Duration media_time);
  // When something of this RTP time is due. Precondition: note() was called.
  [[nodiscard]] Instant due(Duration media_time) const {
    return Instant{} + media_time + least() + target_;
  }
  [[nodiscard]] Duration target() const { return target_; }
  [[nodiscard]] bool started() const { return current_.has_value(); }

 private:
  // Transits since Instant{0}; they may be negative.
  [[nodiscard]] Duration least() const {
    return previous_ ? std::min(*current_, *previous_) : *current_;
  }

  PlayoutLimits limits_;
  Duration target_;
  std::optional<Duration> current_;   // least transit of this window of 10 s
  std::optional<Duration> previous_;  // … of the one before
  Instant window_began_{};
  Instant latest_{};
};

}  // namespace rtclab::media
