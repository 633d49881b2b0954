#include "agents/media/trendline.h"

#include "agents/media/units.h"

namespace rtclab::media {
namespace {

constexpr double kDelaySmoothing = 0.9;

}  // namespace

void Trendline::add(const ArrivalGroups::Variation& variation) {
  if (!origin_) origin_ = variation.arrived;
  sum_ += in_milliseconds(variation.change);
  smoothed_ = kDelaySmoothing * smoothed_ + (1 - kDelaySmoothing) * sum_;
  points_.push({.arrival = in_milliseconds(variation.arrived - *origin_), .delay = smoothed_});
  if (points_.size() > kWindow) points_.pop();
  ++groups_;
  if (points_.size() == kWindow) slope_ = fit();
}

double Trendline::fit() const {
  double mean_arrival = 0, mean_delay = 0;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    mean_arrival += points_[i].arrival / static_cast<double>(kWindow);
    mean_delay += points_[i].delay / static_cast<double>(kWindow);
  }
  double covariance = 0, variance = 0;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const auto arrival = points_[i].arrival - mean_arrival;
    covariance += arrival * (points_[i].delay - mean_delay);
    variance += arrival * arrival;
  }
  return variance == 0 ? 0 : covariance / variance;
}

}  // namespace rtclab::media
