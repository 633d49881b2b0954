// RTO, from measured round trips: RFC 9260 §6.3.1 in integers, exact to the nanosecond.
#pragma once

#include "agents/base/time.h"

#include <optional>

namespace rtclab::sctp {

class RetransmissionTimeout {
 public:
  struct Bounds {
    Duration initial;
    Duration min;
    Duration max;
  };
  explicit RetransmissionTimeout(const Bounds& bounds) : bounds_{bounds}, rto_{bounds.initial} {}

  // One round trip (rules C2 and C3). It ends the backing-off that came before (§6.3.3).
  void measured(Duration round_trip);
  // The timer expired (rule E2).
  void back_off();

  [[nodiscard]] Duration current() const { return rto_; }
  [[nodiscard]] std::optional<Duration> smoothed() const { return srtt_; }

 private:
  Bounds bounds_;
  Duration rto_;
  std::optional<Duration> srtt_;
  Duration rttvar_{};
};

}  // namespace rtclab::sctp
