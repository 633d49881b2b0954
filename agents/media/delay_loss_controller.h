// The rate controller that a session has unless told otherwise: delay and loss, whichever allows
// less.
//
// Spec: after draft-ietf-rmcat-gcc-02.
//   delay:  packets -> ArrivalGroups (variations) -> Trendline (slope) -> OveruseDetector (use of
//   the path)
//           -> Aimd (target), with ArrivingRate as what surely gets through
//   loss:   §6: above 10 % the bound falls by half the loss, below 2 % it rises by 5 % each report,
//   between
//           them it stays
//   remb:   the receiver's estimate is a bound, too
// Without transport-wide feedback, loss and the receiver's estimate decide alone, and the target
// rises by 8 % a second.
#pragma once

#include "agents/media/aimd.h"
#include "agents/media/arriving_rate.h"
#include "agents/media/overuse_detector.h"
#include "agents/media/rate_controller.h"
#include "agents/media/trendline.h"

#include <cstdint>
#include <optional>

namespace rtclab::media {

class DelayLossController final : public RateController {
 public:
  explicit DelayLossController(const RateLimits& limits);

  void set_limits(Instant now, const RateLimits& limits) override;
  void on_feedback(const TransportFeedback& feedback) override;
  void on_loss_report(const LossReport& report) override;
  void on_remb(Instant now, std::uint64_t bitrate) override;
  [[nodiscard]] RateDecision decision() const override { return decision_; }

 private:
  void decide();

  RateLimits limits_;
  ArrivalGroups groups_;
  Trendline trend_;
  OveruseDetector detector_;
  ArrivingRate arriving_;
  Aimd delay_based_;
  std::uint64_t loss_bound_;
  std::optional<std::uint64_t> remb_;
  std::optional<Duration> round_trip_time_;
  RateDecision decision_;
};

}  // namespace rtclab::media
