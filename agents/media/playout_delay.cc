#include "agents/media/playout_delay.h"

#include "agents/media/units.h"

#include <cmath>

namespace rtclab::media {
namespace {

constexpr Duration kTransitWindow = std::chrono::seconds{10};
constexpr double kFallSeconds = 8;

}  // namespace

void PlayoutDelay::note(Instant arrival, Duration media_time) {
  const auto transit = arrival.time_since_epoch() - media_time;
  if (!current_) {
    current_ = transit;
    window_began_ = latest_ = arrival;
  }
  if (arrival - window_began_ >= kTransitWindow) {
    previous_ = current_;
    current_ = transit;
    window_began_ = arrival;
  }
  current_ = std::min(*current_, transit);
  const auto relative = std::clamp(transit - least(), limits_.min, limits_.max);
  if (relative >= target_) {
    target_ = relative;
  } else {
    const auto keep = std::exp(-in_seconds(arrival - latest_) / kFallSeconds);
    target_ = relative + std::chrono::duration_cast<Duration>((target_ - relative) * keep);
  }
  latest_ = arrival;
}

}  // namespace rtclab::media
