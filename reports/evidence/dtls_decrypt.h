// Opens the DTLS 1.2 records of calls whose master secrets stand in the capture.
#pragma once

#include "reports/evidence/evidence.h"

namespace rtclab::evidence {

// Fills DtlsRecord::sctp and DtlsRecord::alert of encrypted records, also of those inside TURN.
// Needs packets, datagrams and secrets. What no key of the capture opens stays as it is; so does
// DTLS 1.3.
void decrypt_dtls(Evidence& evidence);

}  // namespace rtclab::evidence
