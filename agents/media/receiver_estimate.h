// What the path to us carries, as the receiver sees it: for senders that want REMB.
//
// Spec: draft-alvestrand-rmcat-remb-03. The same filter and the same AIMD as at a sender with
// transport-wide feedback, fed with absolute send times.
#pragma once

#include "agents/media/delay_loss_controller.h"
#include "agents/rtp/extensions.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace rtclab::media {

class ReceiverEstimate {
 public:
  explicit ReceiverEstimate(const RateLimits& limits) : controller_{limits} {}

  void add(Instant now, rtp::AbsoluteSendTime sent, std::size_t bytes);
  // When a REMB is due: a second after the last, or at once when the estimate fell by 3 %.
  [[nodiscard]] std::optional<Instant> due() const;
  // The estimate, which counts as told, bit/s.
  [[nodiscard]] std::uint64_t take(Instant now);

 private:
  void update(Instant now);

  DelayLossController controller_;
  std::optional<rtp::AbsoluteSendTime> latest_;
  Instant latest_sent_{};  // on a clock of the sender's, from anywhere
  std::vector<PacketResult> waiting_;
  Instant updated_{};
  std::optional<Instant> told_at_;
  std::uint64_t told_ = 0;
};

}  // namespace rtclab::media
