#include "agents/media/delay_loss_controller.h"

#include <algorithm>

namespace rtclab::media {
namespace {

constexpr Duration kUnknownRoundTrip = std::chrono::milliseconds{100};

}  // namespace

DelayLossController::DelayLossController(const RateLimits& limits)
    : limits_{limits}, delay_based_{limits}, loss_bound_{limits.max} {
  decide();
}

void DelayLossController::set_limits(Instant, const RateLimits& limits) {
  // A bound that nothing has lowered goes with the limit.
  if (loss_bound_ >= limits_.max) loss_bound_ = limits.max;
  limits_ = limits;
  delay_based_.set_limits(limits);
  decide();
}

void DelayLossController::on_feedback(const TransportFeedback& feedback) {
  if (feedback.round_trip_time) round_trip_time_ = *feedback.round_trip_time;
  // Overuse in one of the groups is overuse: the later ones may only be quieter.
  auto use = detector_.use();
  bool overused = false;
  for (const auto& packet : feedback.packets) {
    if (!packet.received) continue;
    arriving_.add(*packet.received, packet.bytes);
    const auto variation = groups_.add(packet.sent, *packet.received);
    if (!variation) continue;
    trend_.add(*variation);
    use = detector_.update(trend_.slope(), trend_.groups(), variation->arrived);
    overused = overused || use == PathUse::Overuse;
  }
  if (overused) use = PathUse::Overuse;
  delay_based_.update(feedback.now, use, arriving_.rate(),
                      round_trip_time_.value_or(kUnknownRoundTrip));
  decide();
}

void DelayLossController::on_loss_report(const LossReport& report) {
  if (report.round_trip_time) round_trip_time_ = *report.round_trip_time;
  if (report.fraction_lost > 0.10) {
    const auto base = static_cast<double>(std::min(loss_bound_, delay_based_.target()));
    loss_bound_ = static_cast<std::uint64_t>(base * (1 - 0.5 * report.fraction_lost));
  } else if (report.fraction_lost < 0.02) {
    loss_bound_ = static_cast<std::uint64_t>(static_cast<double>(loss_bound_) * 1.05 + 1000);
  }
  loss_bound_ = std::clamp(loss_bound_, limits_.min, std::max(limits_.min, limits_.max));
  // Without transport-wide feedback nothing moves the other bound.
  if (trend_.groups() == 0)
    delay_based_.update(report.now, PathUse::Normal, std::nullopt,
                        round_trip_time_.value_or(kUnknownRoundTrip));
  decide();
}

void DelayLossController::on_remb(Instant, std::uint64_t bitrate) {
  remb_ = bitrate;
  decide();
}

void DelayLossController::decide() {
  decision_.target = delay_based_.target();
  switch (delay_based_.state()) {
    case RateState::Increase: decision_.reason = "no queue grows"; break;
    case RateState::Hold: decision_.reason = "the queue empties"; break;
    case RateState::Decrease: decision_.reason = "delay rises"; break;
  }
  if (decision_.target >= limits_.max) decision_.reason = "all that is wanted";
  if (loss_bound_ < decision_.target) decision_ = {loss_bound_, "loss"};
  if (remb_ && *remb_ < decision_.target) decision_ = {*remb_, "the receiver's estimate"};
  decision_.target = std::max(decision_.target, std::min(limits_.min, limits_.max));
}

std::unique_ptr<RateController> make_delay_loss_controller(const RateLimits& limits) {
  return std::make_unique<DelayLossController>(limits);
}

}  // namespace rtclab::media
