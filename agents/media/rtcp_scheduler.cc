#include "agents/media/rtcp_scheduler.h"

#include "agents/media/units.h"

#include <algorithm>
#include <cmath>

namespace rtclab::media {
namespace {

constexpr double kRtcpShare = 0.05;    // RFC 3550 §6.2
constexpr double kSenderShare = 0.25;  // … of it, for senders, while they are a quarter at most
constexpr double kCompensation = 1.21828;  // e - 3/2: what reconsideration takes
constexpr std::size_t kLowerLayers = 28;   // UDP and IPv4 (RFC 3550 §6.2)

}  // namespace

Duration deterministic_interval(const RtcpPopulation& population, double average_size) {
  auto bandwidth = population.session_bandwidth * kRtcpShare / 8;  // octets/s
  auto n = static_cast<double>(population.members);
  const auto senders = static_cast<double>(population.senders);
  if (senders <= n * kSenderShare) {
    bandwidth *= population.we_send ? kSenderShare : 1 - kSenderShare;
    n = population.we_send ? senders : n - senders;
  }
  const auto seconds = average_size * std::max(n, 1.0) / std::max(bandwidth, 1.0);
  return from_seconds(seconds);
}

RtcpScheduler::RtcpScheduler(SeededRng rng, Duration report_interval)
    : rng_{rng}, report_interval_{report_interval} {}

// RFC 3550 §6.3.1: uniform between half and one and a half times T, then compensated.
Duration RtcpScheduler::draw() {
  const auto interval = deterministic_interval(population_, average_size_);
  latest_interval_ =
      std::chrono::duration_cast<Duration>(interval * ((rng_.uniform() + 0.5) / kCompensation));
  // A slot in the past or now would never end.
  latest_interval_ = std::max<Duration>(latest_interval_, std::chrono::milliseconds{1});
  return latest_interval_;
}

void RtcpScheduler::start(Instant now, const RtcpPopulation& population) {
  population_ = population;
  previous_ = now;
  // RFC 3550 §6.2: half of it for the first.
  next_ = now + draw() / 2;
}

RtcpScheduler::Turn RtcpScheduler::turn(Instant now, bool feedback) {
  if (!next_) return Turn::Nothing;
  if (now >= *next_) {
    // RFC 3550 §6.3.6: reconsideration.
    const auto reconsidered = previous_ + (initial_ ? draw() / 2 : draw());
    if (reconsidered > now) {
      next_ = reconsidered;
    } else {
      previous_ = now;
      next_ = now + draw();
      initial_ = false;
      allow_early_ = true;
      const auto current =
          std::chrono::duration_cast<Duration>(report_interval_ * (rng_.uniform() + 0.5));
      if (!last_regular_ || *last_regular_ + current <= now) {
        last_regular_ = now;
        return Turn::Regular;
      }
      return feedback ? Turn::FeedbackOnly : Turn::Nothing;
    }
  }
  if (!feedback || !allow_early_) return Turn::Nothing;
  // RFC 4585 §3.5.2, step 6.
  allow_early_ = false;
  const auto slot = *next_;
  next_ = previous_ + 2 * latest_interval_;
  if (*next_ <= now) next_ = slot + latest_interval_;
  previous_ = slot;
  return Turn::Early;
}

std::optional<Instant> RtcpScheduler::next(const std::optional<Instant>& feedback_at) const {
  if (!next_ || !feedback_at || !allow_early_) return next_;
  return std::min(*next_, *feedback_at);
}

// avg = 1/16 size + 15/16 avg
void RtcpScheduler::note_size(std::size_t octets, std::size_t ssrcs) {
  const auto size = static_cast<double>(octets + kLowerLayers) /
                    static_cast<double>(std::max<std::size_t>(ssrcs, 1));
  average_size_ += (size - average_size_) / 16;
}

Duration RtcpScheduler::timeout_interval() const {
  return std::max(deterministic_interval(population_, average_size_), report_interval_);
}

}  // namespace rtclab::media
