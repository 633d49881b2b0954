// Two octets in network order at a place in a packet, where a packet is read or changed in place.
// Parsers read with ByteReader, which does not run past the end.
#pragma once

#include "agents/base/bytes.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

namespace rtclab {

// Precondition: both octets are there.
[[nodiscard]] inline std::uint16_t u16_at(ByteView octets, std::size_t at) {
  assert(at + 2 <= octets.size());
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(octets[at]) << 8u |
                                    std::to_integer<unsigned>(octets[at + 1]));
}

// The same. Further bits of `value` are dropped.
inline void set_u16_at(std::span<std::byte> octets, std::size_t at, std::uint64_t value) {
  assert(at + 2 <= octets.size());
  octets[at] = static_cast<std::byte>(value >> 8u);
  octets[at + 1] = static_cast<std::byte>(value);
}

}  // namespace rtclab
