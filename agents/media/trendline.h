// Whether the queue on the path grows: the slope of the delay over the latest groups of packets.
//
// Spec: the filter is the least-squares line that libwebrtc uses in place of the Kalman filter of
// draft-ietf-rmcat-gcc-02 §5.3; the sums of the variations, smoothed by 0.9, over their arrival
// times, 20 of them at most.
#pragma once

#include "agents/media/arrival_groups.h"
#include "agents/media/ring.h"

namespace rtclab::media {

class Trendline {
 public:
  void add(const ArrivalGroups::Variation& variation);
  // Milliseconds of delay that come with each millisecond; 0 while fewer than `kWindow` groups are
  // known.
  [[nodiscard]] double slope() const { return slope_; }
  [[nodiscard]] std::size_t groups() const { return groups_; }  // since the beginning

  static constexpr std::size_t kWindow = 20;

 private:
  struct Point {
    double arrival, delay;  // ms
  };
  [[nodiscard]] double fit() const;

  Ring<Point> points_;
  std::optional<Duration> origin_;
  double sum_ = 0, smoothed_ = 0;
  double slope_ = 0;
  std::size_t groups_ = 0;
};

}  // namespace rtclab::media
