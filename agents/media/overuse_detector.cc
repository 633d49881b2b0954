#include "agents/media/overuse_detector.h"

#include "agents/media/units.h"

#include <algorithm>
#include <cmath>

namespace rtclab::media {
namespace {

// The slope becomes comparable with a threshold in ms as libwebrtc does it: times the number of
// groups, 60 at most, times 4.
constexpr std::size_t kMostGroups = 60;
constexpr double kGain = 4;
constexpr double kOveruseTime = 10;                          // ms: overuse_time_th
constexpr double kUp = 0.0087, kDown = 0.039;                // K_u, K_d, per ms
constexpr double kLeastThreshold = 6, kMostThreshold = 600;  // ms
constexpr double kOutlier = 15;                              // ms beyond the threshold

}  // namespace

PathUse OveruseDetector::update(double slope, std::size_t groups, Duration at) {
  const auto elapsed = latest_ ? in_milliseconds(at - *latest_) : 0;
  latest_ = at;
  const auto trend = slope * static_cast<double>(std::min(groups, kMostGroups)) * kGain;
  if (trend > threshold_) {
    over_ += elapsed;
    if (over_ > kOveruseTime && slope >= previous_slope_) use_ = PathUse::Overuse;
  } else {
    over_ = 0;
    use_ = trend < -threshold_ ? PathUse::Underuse : PathUse::Normal;
  }
  previous_slope_ = slope;
  adapt(trend, std::clamp(elapsed, 0.0, 100.0));
  return use_;
}

void OveruseDetector::adapt(double trend, double elapsed) {
  const auto distance = std::abs(trend) - threshold_;
  if (distance > kOutlier) return;
  threshold_ = std::clamp(threshold_ + elapsed * (distance < 0 ? kDown : kUp) * distance,
                          kLeastThreshold, kMostThreshold);
}

}  // namespace rtclab::media
