#include "sim/host/tcp_congestion.h"

#include <algorithm>
#include <limits>

namespace rtclab::tcp {
namespace {

constexpr unsigned kDuplicateThreshold = 3;  // RFC 5681 §3.2

// RFC 5681 §3.1: the initial window.
std::uint32_t initial_window(std::uint32_t mss) {
  if (mss > 2190) return 2 * mss;
  return mss > 1095 ? 3 * mss : 4 * mss;
}

}  // namespace

Congestion::Congestion(std::uint32_t mss, Sequence first)
    : mss_{mss},
      window_{initial_window(mss)},
      threshold_{std::numeric_limits<std::uint32_t>::max()},
      recover_{first} {}

std::uint32_t Congestion::window() const {
  // RFC 5681 §3.2 step 1: each of the first two duplicates lets one new segment go (limited
  // transmit).
  return recovering_ ? window_ : window_ + std::min(duplicates_, kDuplicateThreshold - 1) * mss_;
}

void Congestion::halve(std::uint32_t flight) {
  threshold_ = std::max(flight / 2, 2 * mss_);
}

bool Congestion::acknowledged(Sequence una, std::uint32_t acked) {
  duplicates_ = 0;
  if (recovering_) {
    if (una >= recover_) {
      recovering_ = false;
      window_ = threshold_;
      return false;
    }
    // A partial acknowledgment: the next hole is lost too (RFC 6582 §3.2 step 3).
    window_ = std::max(window_ - std::min(window_, acked) + (acked >= mss_ ? mss_ : 0), mss_);
    return true;
  }
  if (window_ < threshold_) {
    window_ += std::min(acked, mss_);
    return false;
  }
  credit_ += acked;
  if (credit_ >= window_) {
    credit_ -= window_;
    window_ += mss_;
  }
  return false;
}

bool Congestion::duplicate(Sequence una, Sequence max) {
  if (recovering_) {
    window_ += mss_;  // a segment left the network
    return false;
  }
  if (++duplicates_ != kDuplicateThreshold || una <= recover_) return false;
  halve(octets_between(una, max));
  window_ = threshold_ + kDuplicateThreshold * mss_;
  recovering_ = true;
  recover_ = max;
  return true;
}

void Congestion::timed_out(Sequence una, Sequence max, Expiry expiry) {
  if (expiry == Expiry::First) halve(octets_between(una, max));
  window_ = mss_;
  credit_ = 0;
  duplicates_ = 0;
  recovering_ = false;
  recover_ = max;
}

void Congestion::idle() {
  window_ = std::min(window_, initial_window(mss_));
}

}  // namespace rtclab::tcp
