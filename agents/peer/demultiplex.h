// Which protocol a datagram on a shared transport belongs to, by its first octet.
//
// Spec: RFC 7983 §7, RFC 9443 §3.
#pragma once

#include "agents/base/bytes.h"

#include <cstdint>

namespace rtclab::peer {

enum class Protocol : std::uint8_t { Stun, Zrtp, Dtls, TurnChannel, Rtp, Unknown };

[[nodiscard]] inline Protocol demultiplex(ByteView datagram) {
  if (datagram.empty()) return Protocol::Unknown;
  const auto first = std::to_integer<unsigned>(datagram[0]);
  if (first <= 3) return Protocol::Stun;
  if (first >= 16 && first <= 19) return Protocol::Zrtp;
  // DTLS 1.3 records have first octets up to 63; "20 to 25" would lose them.
  if (first >= 20 && first <= 63) return Protocol::Dtls;
  if (first >= 64 && first <= 79) return Protocol::TurnChannel;
  if (first >= 128 && first <= 191) return Protocol::Rtp;
  return Protocol::Unknown;
}

}  // namespace rtclab::peer
