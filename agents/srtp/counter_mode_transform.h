// AES in counter mode and HMAC-SHA1 with 80 bits: what every implementation has.
//
// Spec: RFC 3711 §4.1.1, §4.2, §3.4; RFC 8827 §6.5. Private to this folder.
#pragma once

#include "agents/srtp/cipher.h"
#include "agents/srtp/transform.h"

namespace rtclab::srtp {

class CounterModeTransform final : public Transform {
 public:
  CounterModeTransform(SessionKeys rtp, SessionKeys rtcp);

  void protect(const RtpPlace& place, Bytes& packet) override;
  void protect(const RtcpPlace& place, Bytes& packet) override;
  [[nodiscard]] bool unprotect(const RtpPlace& place, Bytes& packet) override;
  [[nodiscard]] bool unprotect(const RtcpPlace& place, Bytes& packet) override;

 private:
  struct Half {
    explicit Half(SessionKeys session_keys);

    void encrypt(rtp::Ssrc ssrc, std::uint64_t index, std::span<std::byte> octets);

    SessionKeys keys;
    CounterMode cipher;
    HmacSha1 mac;
  };

  Half rtp_;
  Half rtcp_;
};

}  // namespace rtclab::srtp
