// What a profile does to a packet whose index is known. Private to this folder.
//
// Spec: RFC 3711 §4.1.1 and §4.2 (counter mode and HMAC-SHA1), RFC 7714 §8 and §9 (AES-GCM).
// Packets are changed in place, as Bytes: they grow by what the transform adds, and lose it again.
#pragma once

#include "agents/base/bytes.h"
#include "agents/rtp/types.h"
#include "agents/srtp/keys.h"
#include "agents/srtp/packet_index.h"
#include "agents/srtp/srtcp_index.h"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace rtclab::srtp {

enum class Use : std::uint8_t { Protect, Unprotect };

struct RtpPlace {
  rtp::Ssrc ssrc;
  PacketIndex index;
  std::size_t header_size;  // of what stays in the clear
};
struct RtcpPlace {
  rtp::Ssrc ssrc;
  std::uint32_t index;  // 31 bits
  Secrecy secrecy;      // Clear: authenticated all the same
};

class Transform {
 public:
  virtual ~Transform() = default;
  virtual void protect(const RtpPlace& place, Bytes& packet) = 0;
  virtual void protect(const RtcpPlace& place, Bytes& packet) = 0;
  // False when the packet is not authentic; then what stands in `packet` must not be used.
  // Preconditions: it holds header and tag; index word and tag.
  [[nodiscard]] virtual bool unprotect(const RtpPlace& place, Bytes& packet) = 0;
  [[nodiscard]] virtual bool unprotect(const RtcpPlace& place, Bytes& packet) = 0;
};

[[nodiscard]] std::unique_ptr<Transform> make_transform(Profile profile, const MasterKey& master,
                                                        Use use);

}  // namespace rtclab::srtp
