// The DTLS records in a datagram.
//
// Spec: RFC 6347 §4.1 (1.2), RFC 9147 §4 (1.3: the unified header, and plaintext records as
// in 1.2).
#pragma once

#include "reports/evidence/dissection.h"

namespace rtclab::evidence {

// RFC 6347 §4.1, RFC 6520 §3, RFC 9146 §3, RFC 9147 §4.
enum DtlsContent : std::uint8_t {
  kChangeCipherSpec = 20,
  kAlert = 21,
  kHandshake = 22,
  kApplicationData = 23,
  kHeartbeat = 24,
  kConnectionId = 25,
  kAck = 26,
};

// As many records as can be read; empty when the first cannot.
[[nodiscard]] std::vector<DtlsRecord> read_dtls_records(ByteView datagram);

// nullopt when it has not the size of an alert: it is encrypted, or malformed.
[[nodiscard]] std::optional<DtlsAlert> read_dtls_alert(ByteView content);

}  // namespace rtclab::evidence
