// How long to wait for an acknowledgment.
//
// Spec: RFC 6298. Our clock has no granularity worth the name, so G is 0.
#pragma once

#include "agents/base/time.h"

#include <algorithm>
#include <optional>

namespace rtclab::tcp {

class RetransmissionTimeout {
 public:
  struct Limits {
    Duration initial;  // RFC 6298 §2.1: 1 s
    Duration lowest;   // §2.4: SHOULD be 1 s
    Duration highest;  // §2.5: at least 60 s
  };

  explicit RetransmissionTimeout(const Limits& limits) : limits_{limits}, value_{limits.initial} {}

  [[nodiscard]] Duration value() const { return value_; }

  // A round trip of octets that were sent once only (§3, Karn's algorithm).
  void sample(Duration round_trip) {
    if (smoothed_) {
      const auto difference =
          *smoothed_ > round_trip ? *smoothed_ - round_trip : round_trip - *smoothed_;
      variation_ = (3 * variation_ + difference) / 4;  // §2.3: beta is 1/4
      smoothed_ = (7 * *smoothed_ + round_trip) / 8;   // and alpha is 1/8
    } else {
      smoothed_ = round_trip;  // §2.2
      variation_ = round_trip / 2;
    }
    value_ = std::clamp(*smoothed_ + 4 * variation_, limits_.lowest, limits_.highest);
  }
  void back_off() { value_ = std::min(2 * value_, limits_.highest); }  // §5.5
  // §5.7: the timer of a SYN expired, so the path may be slow: no less than 3 s for what follows.
  void distrust() {
    if (!smoothed_) value_ = std::chrono::seconds{3};
  }

 private:
  Limits limits_;
  Duration value_;
  std::optional<Duration> smoothed_;
  Duration variation_{};
};

}  // namespace rtclab::tcp
