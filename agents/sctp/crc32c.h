// The checksum of SCTP packets: CRC-32 with Castagnoli's polynomial, RFC 9260 §6.8 and appendix A.
#pragma once

#include "agents/base/bytes.h"

#include <cstdint>

namespace rtclab::sctp {

// The value as a number: the CRC catalogue's 0xe3069283 for "123456789".
[[nodiscard]] std::uint32_t crc32c(ByteView octets);
// The checksum of `packet` as though octets 8 to 11, where it stands, were zero.
[[nodiscard]] std::uint32_t packet_crc32c(ByteView packet);

}  // namespace rtclab::sctp
