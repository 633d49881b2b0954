// Overuse, normal use or underuse of the path, from the trend of the delay.
//
// Spec: draft-ietf-rmcat-gcc-02 §5.4: the trend against a threshold that adapts, so that a
// competing TCP flow does not starve us; overuse only when it has lasted 10 ms and the trend does
// not fall again.
#pragma once

#include "agents/base/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace rtclab::media {

enum class PathUse : std::uint8_t { Normal, Overuse, Underuse };

class OveruseDetector {
 public:
  // `slope`: of Trendline, after `groups` groups; `at`: the arrival of the latest on the receiver's
  // clock.
  PathUse update(double slope, std::size_t groups, Duration at);
  [[nodiscard]] PathUse use() const { return use_; }
  [[nodiscard]] double threshold() const { return threshold_; }  // ms

 private:
  void adapt(double trend, double elapsed);

  PathUse use_ = PathUse::Normal;
  double threshold_ = 12.5;  // ms: del_var_th(0)
  double previous_slope_ = 0;
  std::optional<Duration> latest_;
  double over_ = 0;  // ms for which the trend has been above the threshold
};

}  // namespace rtclab::media
