// The tests of one NAT or firewall over TCP.
//
// Mapping is RFC 5780 §4.3 over TCP: Binding requests from one port to the server's addresses and
// ports. Filtering over TCP has no CHANGE-REQUEST (RFC 5780 §4.4 is for UDP), so plain SYNs of our
// own come from other addresses instead.
#pragma once

#include "scenarios/selfcheck/observation.h"
#include "scenarios/selfcheck/stand.h"
#include "scenarios/selfcheck/udp_tests.h"

namespace rtclab::selfcheck {

// Of UdpPlan, `server_ports` are those of TCP here.
[[nodiscard]] TcpSeen test_tcp(const Stand& stand, const UdpPlan& plan);

}  // namespace rtclab::selfcheck
