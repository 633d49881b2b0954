#include "agents/media/rtcp_scheduler.h"

#include <algorithm>

namespace rtclab::media {
namespace {

constexpr double kRtcpShare = 0.05;       // RFC 3550 §6.2
constexpr std::size_t kLowerLayers = 28;  // UDP and IPv4 (RFC 3550 §6.2)
// A slot that is now would never end.
constexpr Duration kShortestInterval = std::chrono::milliseconds{1};

}  // namespace

RtcpScheduler::RtcpScheduler(SeededRng rng, Duration report_interval, const Deviations& deviations)
    : rng_{rng}, report_interval_{report_interval}, deviations_{deviations} {}

Duration RtcpScheduler::deterministic() const {
  const auto octets_per_second = std::max(session_.bandwidth * kRtcpShare / 8, 1.0);
  return rtp::deterministic_interval(session_.population, octets_per_second, average_size_, {});
}

Duration RtcpScheduler::draw() {
  if (deviations_.has(Deviation::RtcpFixedInterval))
    return clock_.interval = std::chrono::seconds{1};
  clock_.interval = std::max(rtp::randomized_interval(deterministic(), rng_), kShortestInterval);
  return clock_.interval;
}

void RtcpScheduler::start(Instant now, const RtcpSession& session) {
  session_ = session;
  started_ = true;
  clock_.previous = now;
  // RFC 3550 §6.2: half of it for the first.
  clock_.next = now + draw() / 2;
  if (deviations_.has(Deviation::RtcpAtOnce))
    clock_ = {.previous = now - std::chrono::seconds{10}, .next = now, .interval = clock_.interval};
}

RtcpScheduler::Turn RtcpScheduler::turn(Instant now, bool feedback) {
  if (!started_) return Turn::Nothing;
  if (now >= clock_.next) {
    // RFC 3550 §6.3.6: reconsideration.
    const auto reconsidered = clock_.previous + (initial_ ? draw() / 2 : draw());
    if (reconsidered <= now) return slot(now, feedback);
    clock_.next = reconsidered;
  }
  if (!feedback) return Turn::Nothing;
  if (deviations_.has(Deviation::FeedbackAlwaysEarly)) return Turn::Early;
  const auto decision = rtp::decide_feedback(clock_, {.point_to_point = true}, now, rng_);
  if (decision.what != rtp::FeedbackDecision::What::Early) return Turn::Nothing;
  clock_ = clock_.after_early();
  if (clock_.next <= now) clock_.next = now + clock_.interval;
  return Turn::Early;
}

RtcpScheduler::Turn RtcpScheduler::slot(Instant now, bool feedback) {
  const auto what = rtp::decide_regular(now, last_regular_, report_interval_, feedback, rng_);
  initial_ = false;
  clock_ = {.previous = now, .next = now + draw(), .interval = clock_.interval};
  switch (what) {
    case rtp::RegularSlot::Regular: last_regular_ = now; return Turn::Regular;
    case rtp::RegularSlot::FeedbackOnly: return Turn::FeedbackOnly;
    case rtp::RegularSlot::Suppressed: break;
  }
  return Turn::Nothing;
}

std::optional<Instant> RtcpScheduler::next(const std::optional<Instant>& feedback_at) const {
  if (!started_) return std::nullopt;
  const bool early = clock_.allow_early || deviations_.has(Deviation::FeedbackAlwaysEarly);
  if (!feedback_at || !early) return clock_.next;
  return std::min(clock_.next, *feedback_at);
}

// avg = 1/16 size + 15/16 avg
void RtcpScheduler::note_size(std::size_t octets, std::size_t ssrcs) {
  const auto reporting = static_cast<double>(std::max<std::size_t>(ssrcs, 1));
  const auto size = static_cast<double>(octets + kLowerLayers) / reporting;
  average_size_ += (size - average_size_) / 16;
}

Duration RtcpScheduler::timeout_interval() const {
  return std::max(deterministic(), report_interval_);
}

}  // namespace rtclab::media
