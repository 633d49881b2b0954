// The Internet checksum, RFC 1071, and its incremental update, RFC 1624.
#pragma once

#include "agents/base/bytes.h"

#include <cstdint>

namespace rtclab {

// The one's complement sum of `octets`, to be folded on with more or closed by ~fold().
[[nodiscard]] std::uint32_t checksum_add(std::uint32_t sum, ByteView octets);
[[nodiscard]] std::uint16_t checksum_close(std::uint32_t sum);

// The checksum after one 16-bit word of what it covers changed (RFC 1624 equation 3).
[[nodiscard]] std::uint16_t checksum_update(std::uint16_t checksum, std::uint16_t before,
                                            std::uint16_t after);

}  // namespace rtclab
