#include "agents/media/rate_controller.h"

namespace rtclab::media {
namespace {

class FixedRate final : public RateController {
 public:
  explicit FixedRate(std::uint64_t bitrate) : decision_{bitrate, "fixed"} {}

  void set_limits(Instant, const RateLimits&) override {}
  void on_feedback(const TransportFeedback&) override {}
  void on_loss_report(const LossReport&) override {}
  void on_remb(Instant, std::uint64_t) override {}
  RateDecision decision() const override { return decision_; }

 private:
  RateDecision decision_;
};

}  // namespace

std::unique_ptr<RateController> make_fixed_rate(std::uint64_t bitrate) {
  return std::make_unique<FixedRate>(bitrate);
}

}  // namespace rtclab::media
