#include "agents/media/transport_arrivals.h"

#include <algorithm>
#include <limits>

namespace rtclab::media {
namespace {

constexpr Duration kFeedbackInterval = std::chrono::milliseconds{100};
constexpr std::size_t kMostWaiting = 2000;  // packets
constexpr std::uint64_t kMostStatuses = 4000;

std::int64_t steps(Instant at) {
  return at.time_since_epoch() / rtp::kArrivalDeltaStep;
}

}  // namespace

void TransportArrivals::add(Instant now, rtp::SequenceNumber sequence) {
  const auto unwrapped = latest_ ? rtp::unwrap(sequence, *latest_) : rtp::unwrap_first(sequence);
  latest_ = std::max(latest_.value_or(unwrapped), unwrapped);
  if (told_any_ && unwrapped < next_) return;
  if (arrivals_.size() < kMostWaiting) arrivals_.push_back({unwrapped, now});
}

std::optional<Instant> TransportArrivals::due() const {
  if (arrivals_.empty()) return std::nullopt;
  return told_at_.value_or(arrivals_.front().at) + kFeedbackInterval;
}

std::optional<rtp::TransportFeedback> TransportArrivals::take(Instant now, rtp::Ssrc sender,
                                                              rtp::Ssrc media) {
  if (arrivals_.empty()) return std::nullopt;
  std::ranges::stable_sort(arrivals_, {}, &Packet::sequence);
  auto first = arrivals_.front().sequence;
  // Those between two feedbacks that did not come are told of, unless the numbers have leapt.
  if (told_any_ && first - next_ < kMostStatuses / 2) first = next_;
  constexpr std::int64_t kStepsOfReference = rtp::kReferenceTimeStep / rtp::kArrivalDeltaStep;
  auto before = steps(arrivals_.front().at) / kStepsOfReference * kStepsOfReference;
  rtp::TransportFeedback feedback{
      .sender = sender,
      .media = media,
      .base_sequence_number = rtp::wrap(first),
      .reference_time = static_cast<std::int32_t>(before / kStepsOfReference & 0xffffff) << 8 >> 8,
      .feedback_count = count_++};
  auto expected = first;
  for (const auto& arrival : arrivals_) {
    if (arrival.sequence < expected) continue;  // a duplicate
    const auto delta = steps(arrival.at) - before;
    if (arrival.sequence - first >= kMostStatuses ||
        delta > std::numeric_limits<std::int16_t>::max() ||
        delta < std::numeric_limits<std::int16_t>::min())
      break;
    for (; expected < arrival.sequence; ++expected) feedback.packets.push_back({});
    feedback.packets.push_back({.received = true, .delta = static_cast<std::int16_t>(delta)});
    before = steps(arrival.at);
    ++expected;
  }
  next_ = expected;
  told_any_ = true;
  told_at_ = now;
  std::erase_if(arrivals_, [this](const Packet& packet) { return packet.sequence < next_; });
  return feedback;
}

}  // namespace rtclab::media
