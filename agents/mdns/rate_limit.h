// How many messages may leave: a bucket of tokens.
//
// Spec: draft-ietf-mmusic-mdns-ice-candidates §5 asks for a limit over all names and gives no
// number, because names cost a page nothing. Ours lets a call with many interfaces start at once
// and a flood of candidates trickle.
#pragma once

#include "agents/base/time.h"

#include <algorithm>
#include <chrono>

namespace rtclab::mdns {

class RateLimit {
 public:
  static constexpr int kBurst = 16;
  static constexpr Duration kInterval = std::chrono::milliseconds{50};  // 20 messages a second

  // Whether a message may leave at `now`; then it is counted.
  bool take(Instant now) {
    refill(now);
    if (tokens_ == 0) return false;
    --tokens_;
    return true;
  }
  // When take() succeeds next. Precondition: it just failed.
  [[nodiscard]] Instant next() const { return filled_ + kInterval; }

 private:
  void refill(Instant now) {
    const auto earned = (now - filled_) / kInterval;
    if (earned >= kBurst - tokens_) {
      tokens_ = kBurst;
      filled_ = now;
    } else if (earned > 0) {
      tokens_ += static_cast<int>(earned);
      filled_ += earned * kInterval;
    }
  }

  int tokens_ = kBurst;
  Instant filled_{};
};

}  // namespace rtclab::mdns
