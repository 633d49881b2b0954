#include "agents/media/receiver_estimate.h"

namespace rtclab::media {
namespace {

constexpr Duration kUpdateInterval = std::chrono::milliseconds{100};
constexpr Duration kRembInterval = std::chrono::seconds{1};

}  // namespace

void ReceiverEstimate::add(Instant now, rtp::AbsoluteSendTime sent, std::size_t bytes) {
  if (latest_) latest_sent_ += rtp::between(*latest_, sent);
  latest_ = sent;
  waiting_.push_back({.sent = latest_sent_, .received = now.time_since_epoch(), .bytes = bytes});
  if (now - updated_ >= kUpdateInterval) update(now);
}

void ReceiverEstimate::update(Instant now) {
  controller_.on_feedback({.now = now, .packets = waiting_});
  waiting_.clear();
  updated_ = now;
}

std::optional<Instant> ReceiverEstimate::due() const {
  if (!latest_) return std::nullopt;
  if (!told_at_) return updated_;
  const bool fell = controller_.decision().target * 100 < told_ * 97;
  return fell ? updated_ : *told_at_ + kRembInterval;
}

std::uint64_t ReceiverEstimate::take(Instant now) {
  told_at_ = now;
  told_ = controller_.decision().target;
  return told_;
}

}  // namespace rtclab::media
