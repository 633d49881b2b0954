// What only the history of a TURN session tells: whose relayed address, which channel's peer.
#pragma once

#include "reports/evidence/evidence.h"

namespace rtclab::evidence {

// Fills Carried::relayed, and for ChannelData Carried::peer and from_client, of all packets
// (RFC 8656 §7.2, §12). Also marks the segments of WebSocket connections (RFC 6455 §4).
void resolve_sessions(std::vector<Packet>& packets);

}  // namespace rtclab::evidence
