#include "agents/media/nack_tracker.h"

#include <algorithm>

namespace rtclab::media {

void NackTracker::received(Instant now, rtp::LongSequenceNumber sequence) {
  if (!highest_) highest_ = sequence;
  if (sequence <= *highest_) {
    const auto found = std::ranges::lower_bound(missing_, sequence, {}, &Missing::sequence);
    if (found != missing_.end() && found->sequence == sequence) missing_.erase(found);
    return;
  }
  const auto gap = sequence - *highest_ - 1;
  const auto first = gap > limits_.packets ? sequence - limits_.packets : *highest_ + 1;
  for (auto lost = first; lost < sequence; ++lost)
    missing_.push_back({.sequence = lost, .noticed = now});
  highest_ = sequence;
  if (missing_.size() > limits_.packets) {
    const auto surplus = static_cast<std::ptrdiff_t>(missing_.size() - limits_.packets);
    missing_.erase(missing_.begin(), missing_.begin() + surplus);
  }
}

void NackTracker::forget_before(rtp::LongSequenceNumber sequence) {
  if (missing_.empty() || missing_.front().sequence >= sequence) return;
  std::erase_if(missing_, [sequence](const Missing& lost) { return lost.sequence < sequence; });
}

Instant NackTracker::due(const Missing& packet, Duration round_trip_time) const {
  return packet.asked ? *packet.asked + round_trip_time + limits_.reordering
                      : packet.noticed + limits_.reordering;
}

void NackTracker::collect(Instant now, Duration round_trip_time,
                          std::vector<rtp::SequenceNumber>& out) {
  std::erase_if(missing_, [&](const Missing& lost) {
    return lost.noticed + limits_.age <= now ||
           (lost.tries >= limits_.tries && due(lost, round_trip_time) <= now);
  });
  for (auto& lost : missing_) {
    if (due(lost, round_trip_time) > now) continue;
    lost.asked = now;
    ++lost.tries;
    out.push_back(rtp::wrap(lost.sequence));
  }
}

std::optional<Instant> NackTracker::next_due(Duration round_trip_time) const {
  std::optional<Instant> earliest;
  for (const auto& lost : missing_) {
    const auto at = due(lost, round_trip_time);
    if (!earliest || at < *earliest) earliest = at;
  }
  return earliest;
}

}  // namespace rtclab::media
