// An alert of our own choice. OpenSSL has no call that sends one once the handshake is over, so the
// record is made here.
//
// Spec: RFC 5246 §7.2 (alerts), §6.3 (keys); RFC 5288 §3 (AES-GCM); RFC 6347 §4.1.
#pragma once

#include "agents/base/bytes.h"

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>

namespace rtclab::dtls {

struct Alert {
  std::byte level;
  std::byte description;
};

// The record for the peer of `ssl`, whose handshake is over, as the `sequence_number`-th of
// epoch 1.
[[nodiscard]] Bytes seal_alert(SSL* ssl, const Alert& alert, std::uint64_t sequence_number);

}  // namespace rtclab::dtls
