// Opens the SRTP and SRTCP packets of calls whose DTLS master secrets stand in the capture.
//
// Spec: RFC 5764 §4.2 (keys), RFC 5705 §4 (exporter), RFC 3711, RFC 7714.
#pragma once

#include "reports/evidence/evidence.h"

namespace rtclab::evidence {

// Fills Dissection::media of RTP and RTCP packets, also of those inside TURN and TCP. Needs
// packets, datagrams and secrets. What no key of the capture opens stays as it is. A packet that
// comes twice is opened twice: evidence shows what was on the wire, not what its receiver made of
// it.
void decrypt_srtp(Evidence& evidence);

}  // namespace rtclab::evidence
