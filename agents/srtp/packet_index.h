// The packet index: 48 bits of rollover counter and sequence number, of which a packet carries the
// lower 16.
//
// Spec: RFC 3711 §3.3.1. Differs in one point: when the counter is 0 and the nearest index would
// lie before it, the RFC takes 2^32 - 1 for the turn, which no sender can be in; the turn is then
// 0, so that packets that overtake each other across half a turn at the start are accepted.
#pragma once

#include "agents/rtp/types.h"

#include <cstdint>
#include <optional>

namespace rtclab::srtp {

using PacketIndex = std::uint64_t;

inline constexpr PacketIndex kIndexEnd = PacketIndex{1} << 48u;  // of SRTP
inline constexpr std::uint64_t kSrtcpIndexEnd = std::uint64_t{1} << 31u;

[[nodiscard]] constexpr std::uint32_t rollover_counter(PacketIndex index) {
  return static_cast<std::uint32_t>(index >> 16u);
}
// The index of this sequence number nearest to the highest one known.
[[nodiscard]] constexpr PacketIndex estimate_index(rtp::SequenceNumber number,
                                                   PacketIndex highest) {
  const auto step = number.ahead_of(rtp::SequenceNumber{static_cast<std::uint16_t>(highest)});
  if (step < 0 && highest < static_cast<PacketIndex>(-step)) return number.value();
  return highest + static_cast<PacketIndex>(static_cast<std::int64_t>(step));
}

}  // namespace rtclab::srtp
