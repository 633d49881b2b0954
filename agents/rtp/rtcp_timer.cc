#include "agents/rtp/rtcp_timer.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace rtclab::rtp {
namespace {

constexpr double kSenderShare = 0.25;  // RFC 3550 §6.2: of the bandwidth, while senders are so few
constexpr double kCompensation = 1.21828;  // e - 3/2
constexpr std::size_t kLowerHeaders = 28;  // UDP and IPv4 count too (§6.2)

Duration scaled(Duration length, double factor) {
  return Duration{std::llround(static_cast<double>(length.count()) * factor)};
}

}  // namespace

Duration deterministic_interval(const RtcpPopulation& population, double octets_per_second,
                                double average_size, Duration minimum) {
  assert(octets_per_second > 0);
  const auto members = static_cast<double>(population.members);
  const auto senders = static_cast<double>(population.senders);
  auto n = members;
  auto bandwidth = octets_per_second;
  if (senders <= members * kSenderShare) {
    n = population.we_send ? senders : members - senders;
    bandwidth *= population.we_send ? kSenderShare : 1 - kSenderShare;
  }
  const auto seconds = average_size * n / bandwidth;
  return std::max(minimum, scaled(std::chrono::seconds{1}, seconds));
}

Duration randomized_interval(Duration deterministic, Rng& rng) {
  return scaled(deterministic, (rng.uniform() + 0.5) / kCompensation);
}

Duration RtcpTimer::draw(const RtcpPopulation& population) {
  const auto minimum = initial_ ? budget_.minimum / 2 : budget_.minimum;
  return randomized_interval(
      deterministic_interval(population, budget_.octets_per_second, average_size_, minimum), rng_);
}

void RtcpTimer::average(std::size_t octets) {
  const auto size = static_cast<double>(octets + kLowerHeaders);
  average_size_ += (size - average_size_) / 16;
}

void RtcpTimer::start(Instant now, const RtcpPopulation& population) {
  previous_ = now;
  members_ = population.members;
  next_ = now + draw(population);
}

bool RtcpTimer::expire(Instant now, const RtcpPopulation& population) {
  // Whoever leaves knows of nobody but the others that leave (§6.3.7).
  const auto counted =
      leaving_ ? RtcpPopulation{.members = leaving_members_, .senders = 0, .we_send = false}
               : population;
  next_ = previous_ + draw(counted);
  members_ = counted.members;
  return next_ <= now;
}

void RtcpTimer::note_sent(Instant now, const RtcpPopulation& population, std::size_t octets) {
  average(octets);
  previous_ = now;
  initial_ = false;
  members_ = population.members;
  next_ = now + draw(population);
}

void RtcpTimer::note_departure(Instant now, const RtcpPopulation& population) {
  if (leaving_ || population.members >= members_) return;
  const auto share = static_cast<double>(population.members) / static_cast<double>(members_);
  next_ = now + scaled(next_ - now, share);
  previous_ = now - scaled(now - previous_, share);
  members_ = population.members;
}

bool RtcpTimer::leave(Instant now, const RtcpPopulation& population, std::size_t bye_octets) {
  if (population.members <= kBackOffMembers) return true;
  leaving_ = true;
  previous_ = now;
  leaving_members_ = members_ = 1;
  initial_ = true;
  average_size_ = static_cast<double>(bye_octets + kLowerHeaders);
  next_ = now + draw({.members = 1, .senders = 0, .we_send = false});
  return false;
}

}  // namespace rtclab::rtp
