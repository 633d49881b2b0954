// The numbers of RTP, each with a type of its own.
//
// Spec: RFC 3550 §5.1; serial number arithmetic after RFC 1982. Sequence numbers and timestamps
// wrap, so they have no `<`: is_newer() says which of two comes later, and all bookkeeping uses the
// unwrapped sequence number, 64 bits wide, which compares as a plain number.
#pragma once

#include "agents/base/strong.h"

#include <cstdint>

namespace rtclab::rtp {

using Ssrc = Strong<struct SsrcTag, std::uint32_t>;               // synchronization source
using PayloadType = Strong<struct PayloadTypeTag, std::uint8_t>;  // 0 to 127

class SequenceNumber {
 public:
  constexpr explicit SequenceNumber(std::uint16_t value) : value_{value} {}
  [[nodiscard]] constexpr std::uint16_t value() const { return value_; }
  // `count` packets later, or earlier when negative; wraps.
  [[nodiscard]] constexpr SequenceNumber plus(int count) const {
    return SequenceNumber{static_cast<std::uint16_t>(value_ + count)};
  }
  // How many packets this one is ahead of `other`: -32768 to 32767.
  [[nodiscard]] constexpr std::int16_t ahead_of(SequenceNumber other) const {
    return static_cast<std::int16_t>(static_cast<std::uint16_t>(value_ - other.value_));
  }
  friend constexpr bool operator==(SequenceNumber, SequenceNumber) = default;

 private:
  std::uint16_t value_;
};

// In units of the payload format's clock rate.
class RtpTimestamp {
 public:
  constexpr explicit RtpTimestamp(std::uint32_t value) : value_{value} {}
  [[nodiscard]] constexpr std::uint32_t value() const { return value_; }
  [[nodiscard]] constexpr RtpTimestamp plus(std::int64_t ticks) const {
    return RtpTimestamp{value_ + static_cast<std::uint32_t>(ticks)};
  }
  [[nodiscard]] constexpr std::int32_t ahead_of(RtpTimestamp other) const {
    return static_cast<std::int32_t>(value_ - other.value_);
  }
  friend constexpr bool operator==(RtpTimestamp, RtpTimestamp) = default;

 private:
  std::uint32_t value_;
};

[[nodiscard]] constexpr bool is_newer(SequenceNumber a, SequenceNumber b) {
  return a.ahead_of(b) > 0;
}
[[nodiscard]] constexpr bool is_newer(RtpTimestamp a, RtpTimestamp b) {
  return a.ahead_of(b) > 0;
}

// A sequence number with its turns: the extended sequence number of RFC 3550 A.1, in 64 bits.
using LongSequenceNumber = std::uint64_t;

// The first unwrapped number of a stream starts one turn up, so that numbers just below it exist.
[[nodiscard]] constexpr LongSequenceNumber unwrap_first(SequenceNumber number) {
  return (LongSequenceNumber{1} << 16u) + number.value();
}
// The number that wraps to `number` and lies nearest to `near`: at most half a turn away.
[[nodiscard]] constexpr LongSequenceNumber unwrap(SequenceNumber number, LongSequenceNumber near) {
  const auto step = number.ahead_of(SequenceNumber{static_cast<std::uint16_t>(near)});
  return near + static_cast<LongSequenceNumber>(static_cast<std::int64_t>(step));
}
[[nodiscard]] constexpr SequenceNumber wrap(LongSequenceNumber number) {
  return SequenceNumber{static_cast<std::uint16_t>(number)};
}

}  // namespace rtclab::rtp
