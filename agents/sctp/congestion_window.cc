#include "agents/sctp/congestion_window.h"

#include <algorithm>
#include <limits>

namespace rtclab::sctp {

// RFC 9260 §7.2.1, for IPv4: below DTLS we do not know the family, and 4404 is the larger of the
// two.
CongestionWindow::CongestionWindow(std::size_t pmdcs)
    : pmdcs_{pmdcs},
      window_{std::min(4 * pmdcs, std::max<std::size_t>(2 * pmdcs, 4404))},
      threshold_{std::numeric_limits<std::uint32_t>::max()} {}

void CongestionWindow::acknowledged(const Acknowledged& what) {
  if (what.bytes > 0 || what.cumulative_advanced) single_packet_ = false;
  const bool full = what.flight_before >= window_;
  if (window_ <= threshold_) {
    // Slow start: only a window that was used to the full has shown that it can be carried.
    if (full && what.cumulative_advanced && !in_fast_recovery()) {
      window_ += std::min(what.bytes, pmdcs_);
    }
  } else {
    // Congestion avoidance: one PMDCS per round trip.
    partial_bytes_acked_ += what.bytes;
    if (partial_bytes_acked_ >= window_) {
      partial_bytes_acked_ = full ? partial_bytes_acked_ - window_ : window_;
      if (full && !in_fast_recovery()) window_ += pmdcs_;
    }
  }
  if (what.everything) partial_bytes_acked_ = 0;
  if (recovery_exit_ && what.cumulative_tsn >= *recovery_exit_) recovery_exit_.reset();
}

void CongestionWindow::fast_retransmit(LongTsn highest_outstanding) {
  if (in_fast_recovery()) return;
  threshold_ = halved();
  window_ = threshold_;
  partial_bytes_acked_ = 0;
  recovery_exit_ = highest_outstanding;
}

void CongestionWindow::timed_out() {
  threshold_ = halved();
  window_ = pmdcs_;
  partial_bytes_acked_ = 0;
  recovery_exit_.reset();
  single_packet_ = true;
}

void CongestionWindow::idled(Duration idle, Duration rto) {
  // max(cwnd / 2, 4 * PMDCS) is meant to lower the window; a small one stays as it is.
  if (idle < rto || window_ <= 4 * pmdcs_) return;
  threshold_ = window_;
  for (; idle >= rto && window_ > 4 * pmdcs_; idle -= rto) window_ = halved();
}

std::size_t CongestionWindow::halved() const {
  return std::max(window_ / 2, 4 * pmdcs_);
}

}  // namespace rtclab::sctp
