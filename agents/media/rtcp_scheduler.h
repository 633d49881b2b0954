// When RTCP leaves: regular reports and early feedback, within the share of the bandwidth that is
// theirs.
//
// Spec: RFC 3550 §6.2 and §6.3 (the interval, reconsideration), RFC 4585 §3.4 and §3.5 (AVPF: no
// minimum, early feedback once between two regular slots, T_rr_interval), RFC 8108 §5.3 (several
// SSRCs in one packet count each). A transport connects two endpoints, however many SSRCs they
// have: T_dither_max and the initial Tmin are those of a point-to-point session (RFC 4585 §3.5.1
// and §3.5.2).
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/rtp/feedback_timing.h"
#include "agents/rtp/rtcp_timer.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace rtclab::media {

struct RtcpSession {
  rtp::RtcpPopulation population{.members = 2, .senders = 1};  // SSRCs of both sides
  double bandwidth = 64'000;                                   // of the session, bit/s
};

class RtcpScheduler {
 public:
  enum class Turn : std::uint8_t {
    Nothing,
    Early,         // feedback, now
    FeedbackOnly,  // the slot of a regular packet that is suppressed, but for its feedback (RFC
                   // 4585 §3.5.3, 2b)
    Regular,
  };

  // `report_interval`: T_rr_interval; 0: none.
  RtcpScheduler(SeededRng rng, Duration report_interval, const Deviations& deviations = {});

  void start(Instant now, const RtcpSession& session);
  void set_session(const RtcpSession& session) { session_ = session; }
  [[nodiscard]] bool started() const { return started_; }
  // What is to be sent now. `feedback`: whether some waits.
  [[nodiscard]] Turn turn(Instant now, bool feedback);
  // When turn() is to be called; with feedback that waits since, or is due at, `feedback_at`.
  [[nodiscard]] std::optional<Instant> next(const std::optional<Instant>& feedback_at) const;
  // RFC 3550 §6.3.3: every packet of either side. `ssrcs`: how many report in it.
  void note_size(std::size_t octets, std::size_t ssrcs);
  // Td of RFC 3550 §6.3.5, with which silence is measured: T_rr_interval in place of Tmin (RFC 4585
  // §3.5.4).
  [[nodiscard]] Duration timeout_interval() const;

 private:
  [[nodiscard]] Duration deterministic() const;
  [[nodiscard]] Duration draw();
  Turn slot(Instant now, bool feedback);

  SeededRng rng_;
  Duration report_interval_;
  Deviations deviations_;
  RtcpSession session_;
  double average_size_ = 128;  // octets
  rtp::FeedbackClock clock_;   // tp, tn, T_rr, allow_early
  bool started_ = false;
  bool initial_ = true;
  std::optional<Instant> last_regular_;  // t_rr_last
};

}  // namespace rtclab::media
