// Who takes part in a recording, deduced from its signalling and its packets.
//
// Nothing tells us: a candidate of type host gives a peer's own address, a server-reflexive one its
// NAT's, the destination of a request without USERNAME is a server, and the ufrags in a check's
// USERNAME say which peer sent it (RFC 8445 §7.2.2) where candidates hide addresses behind mDNS
// names or relays.
#pragma once

#include "reports/evidence/evidence.h"

namespace rtclab::evidence {

// Completes evidence.parties (which holds the peers, if there was signalling), each interface's
// party and each packet's direction. Needs interfaces, packets and signalling.
void deduce_parties(Evidence& evidence);

// The same for the parties of a trace, when it does not know the addresses of all its peers: a live
// run's own peer knows where it is, and of the other only what was signalled.
void complete_parties(Evidence& evidence);

}  // namespace rtclab::evidence
