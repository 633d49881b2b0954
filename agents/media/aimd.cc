#include "agents/media/aimd.h"

#include "agents/media/units.h"

#include <algorithm>
#include <cmath>

namespace rtclab::media {
namespace {

constexpr double kBeta = 0.85;
constexpr double kGrowth = 1.08;      // per second
constexpr double kFirstGrowth = 1.5;  // … before the first decrease
constexpr double kPacketBits = 1200 * 8;
constexpr double kCapacitySmoothing = 0.05;

}  // namespace

RateState next_rate_state(RateState state, PathUse use) {
  switch (use) {
    case PathUse::Overuse: return RateState::Decrease;
    case PathUse::Underuse: return RateState::Hold;
    case PathUse::Normal:
      return state == RateState::Decrease ? RateState::Hold : RateState::Increase;
  }
  return state;
}

void Aimd::set_limits(const RateLimits& limits) {
  limits_ = limits;
  target_ = std::clamp(target_, limits.min, std::max(limits.min, limits.max));
}

void Aimd::update(Instant now, PathUse use, std::optional<std::uint64_t> arriving,
                  Duration round_trip_time) {
  const auto elapsed = latest_ ? in_seconds(now - *latest_) : 0;
  latest_ = now;
  state_ = next_rate_state(state_, use);
  if (state_ == RateState::Increase) increase(std::min(elapsed, 1.0), arriving, round_trip_time);
  if (state_ == RateState::Decrease) decrease(now, arriving, round_trip_time);
  target_ = std::clamp(target_, limits_.min, std::max(limits_.min, limits_.max));
}

bool Aimd::near_capacity(std::uint64_t arriving) const {
  if (!capacity_) return false;
  const auto deviation = std::sqrt(variance_ * *capacity_);
  return std::abs(static_cast<double>(arriving) / 1000 - *capacity_) <= 3 * deviation;
}

void Aimd::increase(double seconds, std::optional<std::uint64_t> arriving,
                    Duration round_trip_time) {
  // Above what was known: the path has become wider.
  if (arriving && capacity_ && !near_capacity(*arriving) &&
      static_cast<double>(*arriving) / 1000 > *capacity_)
    capacity_.reset();
  auto wanted = static_cast<double>(target_);
  if (arriving && near_capacity(*arriving)) {
    const auto response = in_seconds(round_trip_time) + 0.1;
    wanted += std::max(1000.0, kPacketBits / response) * seconds;
  } else {
    wanted *= std::pow(latest_decrease_ ? kGrowth : kFirstGrowth, seconds);
  }
  // What was never sent is not known to get through.
  if (arriving) {
    const auto bound = 1.5 * static_cast<double>(*arriving) + 10'000;
    wanted = std::max(static_cast<double>(target_), std::min(wanted, bound));
  }
  target_ = static_cast<std::uint64_t>(wanted);
}

void Aimd::decrease(Instant now, std::optional<std::uint64_t> arriving, Duration round_trip_time) {
  // Once in a round trip: the effect must have had time to be seen.
  const auto pause = std::clamp<Duration>(round_trip_time, std::chrono::milliseconds{10},
                                          std::chrono::milliseconds{200});
  if (latest_decrease_ && now - *latest_decrease_ < pause) return;
  latest_decrease_ = now;
  if (!arriving) {
    target_ = target_ / 2;
    return;
  }
  const auto kilobits = static_cast<double>(*arriving) / 1000;
  if (!capacity_ || !near_capacity(*arriving)) {
    capacity_ = kilobits;
  } else {
    const auto error = *capacity_ - kilobits;
    capacity_ = (1 - kCapacitySmoothing) * *capacity_ + kCapacitySmoothing * kilobits;
    const auto norm = std::max(*capacity_, 1.0);
    variance_ = std::clamp(
        (1 - kCapacitySmoothing) * variance_ + kCapacitySmoothing * error * error / norm, 0.4, 2.5);
  }
  target_ = std::min(target_, static_cast<std::uint64_t>(kBeta * static_cast<double>(*arriving)));
}

}  // namespace rtclab::media
