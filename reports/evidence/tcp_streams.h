// Puts TCP connections together again and reads the messages in them.
//
// Spec: RFC 9293 §3.4 (sequence numbers), RFC 4571 §2 and RFC 6544 §7.1 (ICE-TCP), RFC 8489 §6.2.2
// and RFC 8656 §12.5 (TURN over TCP), RFC 6062 §4.3 (a TURN data connection), RFC 8446 §5.1 (TLS).
// No port decides what a connection carries, for TURN servers listen anywhere: its first octets do.
#pragma once

#include "reports/evidence/evidence.h"

namespace rtclab::evidence {

// Fills Dissection::framed and TcpSegment::again. Each interface has its own view of a connection;
// a hole that is never filled, or a connection whose beginning was not captured and whose first
// octets fit nothing, stays TCP.
void read_streams(std::vector<Packet>& packets);

}  // namespace rtclab::evidence
