// The DTLS records in a datagram.
//
// Spec: RFC 6347 §4.1 (1.2), RFC 9147 §4 (1.3: the unified header, and plaintext records as
// in 1.2).
#pragma once

#include "reports/evidence/dissection.h"

namespace rtclab::evidence {

// As many records as can be read; empty when the first cannot.
[[nodiscard]] std::vector<DtlsRecord> read_dtls_records(ByteView datagram);

}  // namespace rtclab::evidence
