// How much may be on its way at once, and when a loss is believed.
//
// Spec: RFC 5681 (slow start, congestion avoidance, fast retransmit and recovery), with RFC 6582's
// answer to partial acknowledgments, so that several losses in one window do not each wait for a
// timeout.
#pragma once

#include "sim/host/tcp_segment.h"

#include <cstdint>
#include <optional>

namespace rtclab::tcp {

class Congestion {
 public:
  Congestion(std::uint32_t mss, Sequence first);

  // Octets that may be unacknowledged.
  [[nodiscard]] std::uint32_t window() const;
  [[nodiscard]] std::uint32_t threshold() const { return threshold_; }
  [[nodiscard]] bool is_recovering() const { return recovering_; }

  // Both return whether the first unacknowledged segment must be sent again now.
  // `acked` octets, up to `una`, were acknowledged for the first time.
  [[nodiscard]] bool acknowledged(Sequence una, std::uint32_t acked);
  // An acknowledgment told nothing new (RFC 5681 §2 defines which ones count); `max` is the end of
  // what was sent.
  [[nodiscard]] bool duplicate(Sequence una, Sequence max);

  enum class Expiry : std::uint8_t { First, Repeated };
  void timed_out(Sequence una, Sequence max, Expiry expiry);
  // Nothing was sent for a retransmission timeout (RFC 5681 §4.1).
  void idle();

 private:
  void halve(std::uint32_t flight);

  std::uint32_t mss_;
  std::uint32_t window_;
  std::uint32_t threshold_;
  std::uint32_t credit_ = 0;  // octets acknowledged towards the next step of congestion avoidance
  unsigned duplicates_ = 0;
  bool recovering_ = false;
  Sequence recover_;  // RFC 6582 §3.2: a loss before this was answered already
};

}  // namespace rtclab::tcp
