// cwnd, ssthresh and partial_bytes_acked: how much may be in flight.
//
// Spec: RFC 9260 §7.2 (slow start, congestion avoidance, fast recovery). Sizes are those of DATA
// chunks with header and padding.
#pragma once

#include "agents/base/time.h"
#include "agents/sctp/tsn.h"

#include <cstddef>
#include <optional>

namespace rtclab::sctp {

class CongestionWindow {
 public:
  // `pmdcs`: the largest DATA chunk that one packet carries (RFC 9260 §2.3).
  explicit CongestionWindow(std::size_t pmdcs);

  struct Acknowledged {
    std::size_t bytes = 0;          // newly, by the cumulative TSN or by gap blocks
    std::size_t flight_before = 0;  // in flight when the SACK arrived
    bool cumulative_advanced = false;
    LongTsn cumulative_tsn = 0;
    bool everything = false;  // nothing is outstanding any more
  };
  void acknowledged(const Acknowledged& what);
  // Three SACKs have reported a chunk missing. Cuts the window once per fast recovery.
  void fast_retransmit(LongTsn highest_outstanding);
  void timed_out();
  // Nothing was sent for `idle` (§7.2.1).
  void idled(Duration idle, Duration rto);

  [[nodiscard]] bool in_fast_recovery() const { return recovery_exit_.has_value(); }
  // May another packet leave? The last one may exceed the window (§6.1 rule B).
  [[nodiscard]] bool admits(std::size_t flight) const {
    return single_packet_ ? flight == 0 : flight < window_;
  }
  [[nodiscard]] std::size_t window() const { return window_; }
  [[nodiscard]] std::size_t threshold() const { return threshold_; }

 private:
  [[nodiscard]] std::size_t halved() const;

  std::size_t pmdcs_;
  std::size_t window_;
  std::size_t threshold_;
  std::size_t partial_bytes_acked_ = 0;
  std::optional<LongTsn> recovery_exit_;
  bool single_packet_ = false;  // after a timeout, until something is acknowledged
};

}  // namespace rtclab::sctp
