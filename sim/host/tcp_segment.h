// A TCP segment, and the sequence numbers it speaks in.
//
// Spec: RFC 9293 §3.1 (header), §3.2 (the MSS option), §3.4 (sequence numbers).
// The only option written is MSS; the others are read over, as §3.2 asks.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/result.h"

#include <cstdint>
#include <optional>

namespace rtclab::tcp {

// A point in the circle of 2^32 octets. Comparing is by the shorter way round (RFC 9293 §3.4), so
// it orders only numbers that lie within 2^31 of each other, as those of one connection do.
class Sequence {
 public:
  constexpr explicit Sequence(std::uint32_t value) : value_{value} {}
  [[nodiscard]] constexpr std::uint32_t value() const { return value_; }

  friend constexpr bool operator==(Sequence, Sequence) = default;
  friend constexpr Sequence operator+(Sequence a, std::uint32_t octets) {
    return Sequence{a.value_ + octets};
  }
  // How far `a` is behind `b`; negative when it is before it.
  friend constexpr std::int32_t operator-(Sequence a, Sequence b) {
    return static_cast<std::int32_t>(a.value_ - b.value_);
  }
  friend constexpr bool operator<(Sequence a, Sequence b) { return a - b < 0; }
  friend constexpr bool operator<=(Sequence a, Sequence b) { return a - b <= 0; }
  friend constexpr bool operator>(Sequence a, Sequence b) { return a - b > 0; }
  friend constexpr bool operator>=(Sequence a, Sequence b) { return a - b >= 0; }

 private:
  std::uint32_t value_;
};

// The octets from `from` to the later `to`.
[[nodiscard]] constexpr std::uint32_t octets_between(Sequence from, Sequence to) {
  return to.value() - from.value();
}

struct Segment {
  Port source{0};
  Port destination{0};
  Sequence seq{0};
  Sequence ack_number{0};  // means something when `ack` is set
  bool fin = false;
  bool syn = false;
  bool rst = false;
  bool psh = false;
  bool ack = false;
  std::uint16_t window = 0;
  std::optional<std::uint16_t> mss;
  Bytes payload;

  // The sequence space it takes: SYN and FIN count one each.
  [[nodiscard]] std::uint32_t length() const {
    return static_cast<std::uint32_t>(payload.size()) + (syn ? 1u : 0u) + (fin ? 1u : 0u);
  }
  // Checks lengths, options and the checksum with its pseudo-header.
  [[nodiscard]] static Result<Segment> parse(const Ip& source, const Ip& destination,
                                             ByteView octets);
  [[nodiscard]] Bytes serialize(const Ip& source, const Ip& destination) const;
};

}  // namespace rtclab::tcp
