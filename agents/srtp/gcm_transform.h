// AES-GCM with 128 or 256 bits of key and a tag of 128.
//
// Spec: RFC 7714 §8 (SRTP), §9 (SRTCP), §10 (when it is not encrypted). Private to this folder.
#pragma once

#include "agents/srtp/cipher.h"
#include "agents/srtp/transform.h"

namespace rtclab::srtp {

class GcmTransform final : public Transform {
 public:
  GcmTransform(SessionKeys rtp, SessionKeys rtcp, Use use);

  void protect(const RtpPlace& place, Bytes& packet) override;
  void protect(const RtcpPlace& place, Bytes& packet) override;
  [[nodiscard]] bool unprotect(const RtpPlace& place, Bytes& packet) override;
  [[nodiscard]] bool unprotect(const RtcpPlace& place, Bytes& packet) override;

 private:
  struct Half {
    Half(SessionKeys session_keys, Use use);

    [[nodiscard]] Nonce nonce(rtp::Ssrc ssrc, std::uint64_t index) const;

    SessionKeys keys;
    Gcm cipher;
  };

  Half rtp_;
  Half rtcp_;
};

}  // namespace rtclab::srtp
