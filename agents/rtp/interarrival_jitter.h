// How much the spacing of packets changes on their way.
//
// Spec: RFC 3550 §6.4.1 and A.8, in its integer form: the estimate is kept times 16.
#pragma once

#include "agents/base/time.h"
#include "agents/rtp/types.h"

#include <cstdint>
#include <optional>

namespace rtclab::rtp {

// An arrival as a reading of the media clock, whose origin does not matter; wraps.
[[nodiscard]] RtpTimestamp to_media_clock(Instant at, std::uint32_t clock_rate);

class InterarrivalJitter {
 public:
  explicit InterarrivalJitter(std::uint32_t clock_rate) : clock_rate_{clock_rate} {}

  void note(Instant arrival, RtpTimestamp timestamp);
  [[nodiscard]] std::uint32_t value() const { return scaled_ >> 4u; }  // in timestamp units

 private:
  std::uint32_t clock_rate_;
  std::optional<std::int32_t> transit_;  // of the packet before
  std::uint32_t scaled_ = 0;
};

}  // namespace rtclab::rtp
