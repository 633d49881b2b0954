#include "agents/rtp/feedback_timing.h"

#include <cmath>

namespace rtclab::rtp {
namespace {

Duration times(Duration length, double factor) {
  return Duration{std::llround(static_cast<double>(length.count()) * factor)};
}

}  // namespace

FeedbackClock FeedbackClock::after_early() const {
  auto clock = *this;
  clock.next = previous + 2 * interval;
  clock.previous = next;
  clock.allow_early = false;
  clock.scheduled.reset();
  return clock;
}

FeedbackDecision decide_feedback(const FeedbackClock& clock, const FeedbackRules& rules,
                                 Instant now, Rng& rng) {
  using enum FeedbackDecision::What;
  if (clock.scheduled) return {Join, *clock.scheduled, "a packet with feedback waits already"};
  const auto most_dither = rules.point_to_point ? Duration{} : clock.interval / 2;
  if (now + most_dither > clock.next)
    return {WithRegular, clock.next, "the regular packet is near"};
  if (!clock.allow_early) {
    if (clock.next - now < rules.most_delay) {
      return {WithRegular, clock.next, "an early packet has left since the last regular one"};
    }
    return {Discard, clock.next, "too late to be of use with the next regular packet"};
  }
  return {Early, now + times(most_dither, rng.uniform()), "an early packet is allowed"};
}

RegularSlot decide_regular(Instant next, const std::optional<Instant>& last_regular,
                           Duration shortest, bool feedback_waits, Rng& rng) {
  if (!last_regular || shortest == Duration{}) return RegularSlot::Regular;
  if (*last_regular + times(shortest, rng.uniform() + 0.5) <= next) return RegularSlot::Regular;
  return feedback_waits ? RegularSlot::FeedbackOnly : RegularSlot::Suppressed;
}

}  // namespace rtclab::rtp
