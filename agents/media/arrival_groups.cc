#include "agents/media/arrival_groups.h"

#include <algorithm>

namespace rtclab::media {
namespace {

constexpr Duration kBurst = std::chrono::milliseconds{5};

}  // namespace

std::optional<ArrivalGroups::Variation> ArrivalGroups::add(Instant sent, Duration received) {
  if (current_ && sent - current_->first_sent <= kBurst) {
    current_->last_sent = std::max(current_->last_sent, sent);
    current_->last_received = std::max(current_->last_received, received);
    return std::nullopt;
  }
  std::optional<Variation> variation;
  if (before_ && current_) {
    const auto departures = current_->last_sent - before_->last_sent;
    const auto arrivals = current_->last_received - before_->last_received;
    variation = Variation{.change = arrivals - departures, .arrived = current_->last_received};
  }
  if (current_) before_ = current_;
  current_ = Group{.first_sent = sent, .last_sent = sent, .last_received = received};
  return variation;
}

}  // namespace rtclab::media
