// When what went to a TURN server came to the peer behind it.
//
// Spec: RFC 8656 §11 and §12. A relay hands on the content and no more: in the capture that is
// another packet, which carries the same octets.
#pragma once

#include "reports/judge/transmission.h"

#include <map>

namespace rtclab::judge {

class Docket;

// Of RTP, RTCP and DTLS by a peer that went to another machine than a peer's; those that came
// nowhere are missing. Looked up only: no result follows the order.
[[nodiscard]] std::map<const Transmission*, Duration> relayed_arrivals(const Docket& docket);

}  // namespace rtclab::judge
