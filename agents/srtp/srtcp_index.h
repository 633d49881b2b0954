// What an SRTCP packet says in the clear behind its content: whether that is encrypted, and the
// index.
//
// Spec: RFC 3711 §3.4 (before the tag), RFC 7714 §9.2 (behind the tag).
#pragma once

#include "agents/base/bytes.h"
#include "agents/srtp/profile.h"

#include <cstdint>
#include <optional>

namespace rtclab::srtp {

// The E flag, which stands before the 31 bits of the index.
inline constexpr std::uint32_t kEncryptedFlag = 0x80000000;

enum class Secrecy : std::uint8_t { Encrypted, Clear };

struct SrtcpIndex {
  std::uint32_t index;  // 31 bits
  Secrecy secrecy;
  friend bool operator==(const SrtcpIndex&, const SrtcpIndex&) = default;
};

// nullopt when the packet is too short for headers, index and tag.
[[nodiscard]] std::optional<SrtcpIndex> read_srtcp_index(Profile profile, ByteView packet);

}  // namespace rtclab::srtp
