// What ICMP said about datagrams that were sent: the error queue of a UDP socket (ip(7),
// IP_RECVERR). Private to this folder.
#pragma once

#include "agents/base/address.h"

#include <vector>

namespace rtclab::live {

// Asks the kernel to keep such errors apart from the datagrams; quietly without effect where it
// cannot.
void collect_errors(int socket, Family family);

// The destinations that were reported unreachable (ICMP type 3 but "fragmentation needed", ICMPv6
// type 1) since the last call.
[[nodiscard]] std::vector<Endpoint> take_unreachable(int socket);

}  // namespace rtclab::live
