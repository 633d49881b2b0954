// Small numbers into octets, for nonces, counters and trailers. Private to this folder.
#pragma once

#include "agents/base/bytes.h"
#include "agents/srtp/transform.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace rtclab::srtp {

// Of an RTCP packet, what stays in the clear: the first header and the SSRC of the sender.
inline constexpr std::size_t kRtcpClearSize = 8;

// XORs a number in network order onto `octets`, which are as many as it has.
inline void xor_number(std::span<std::byte> octets, std::uint64_t number) {
  for (auto at = octets.size(); at != 0; --at, number >>= 8u) {
    octets[at - 1] ^= static_cast<std::byte>(number);
  }
}

[[nodiscard]] inline std::array<std::byte, 4> word(std::uint32_t number) {
  std::array<std::byte, 4> octets{};
  xor_number(octets, number);
  return octets;
}

[[nodiscard]] inline std::uint32_t index_word(const RtcpPlace& place) {
  return place.index | (place.secrecy == Secrecy::Encrypted ? kEncryptedFlag : 0u);
}

inline void append(Bytes& packet, ByteView octets) {
  packet.insert(packet.end(), octets.begin(), octets.end());
}

}  // namespace rtclab::srtp
