// The same packet, seen in several places, as one datagram with one fate.
#pragma once

#include "reports/evidence/evidence.h"

namespace rtclab::evidence {

// Fills evidence.datagrams and Packet::datagram. Needs parties, interfaces and packets.
//
// Sightings belong together by their packet id; in a recording, which has none, by payload,
// identification field and closeness in time (a NAT changes addresses and ports, but none of
// these).
void unite_sightings(Evidence& evidence);

}  // namespace rtclab::evidence
