// A message on its way out, and what mDNS says about how often.
#pragma once

#include "agents/base/address.h"
#include "agents/mdns/message.h"

#include <chrono>

namespace rtclab::mdns {

// RFC 6762 §6: a record is not multicast again on an interface within a second; §5.2: neither is a
// question.
inline constexpr std::chrono::seconds kLeastInterval{1};

struct Departure {
  Ip from;      // the socket
  Endpoint to;  // the group, or one neighbour
  Message message;
};

}  // namespace rtclab::mdns
