// The target from the use of the path: additive or multiplicative increase, multiplicative
// decrease.
//
// Spec: draft-ietf-rmcat-gcc-02 §5.5: states Hold, Increase, Decrease. Overuse leads to Decrease,
// to 0.85 of what arrives; underuse to Hold, until the queue is empty; normal use from Hold to
// Increase: 8 % a second while no limit is known, about one packet each response time near the last
// one. Before the first decrease it is 50 % a second, in place of the draft's silence (and of the
// probes that libwebrtc sends): a call is to be sharp in seconds.
#pragma once

#include "agents/base/time.h"
#include "agents/media/overuse_detector.h"
#include "agents/media/rate_controller.h"

#include <cstdint>
#include <optional>

namespace rtclab::media {

enum class RateState : std::uint8_t { Hold, Increase, Decrease };

// draft-ietf-rmcat-gcc-02 §5.5, its table.
[[nodiscard]] RateState next_rate_state(RateState state, PathUse use);

class Aimd {
 public:
  explicit Aimd(const RateLimits& limits) : limits_{limits}, target_{limits.start} {}

  void set_limits(const RateLimits& limits);
  // `arriving`: what the receiver gets, bit/s; nullopt: not known yet.
  void update(Instant now, PathUse use, std::optional<std::uint64_t> arriving,
              Duration round_trip_time);
  [[nodiscard]] std::uint64_t target() const { return target_; }
  [[nodiscard]] RateState state() const { return state_; }

 private:
  void increase(double seconds, std::optional<std::uint64_t> arriving, Duration round_trip_time);
  void decrease(Instant now, std::optional<std::uint64_t> arriving, Duration round_trip_time);
  [[nodiscard]] bool near_capacity(std::uint64_t arriving) const;

  RateLimits limits_;
  std::uint64_t target_;
  RateState state_ = RateState::Increase;
  std::optional<Instant> latest_, latest_decrease_;
  // Mean and relative variance of what arrived whenever we had to decrease: the capacity, as far as
  // known.
  std::optional<double> capacity_;
  double variance_ = 0.4;
};

}  // namespace rtclab::media
