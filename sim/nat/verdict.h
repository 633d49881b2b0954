// What a NAT or a firewall decides about a packet.
#pragma once

#include "agents/base/bytes.h"
#include "sim/nat/icmp_error.h"

#include <optional>
#include <string>
#include <vector>

namespace rtclab::nat {

struct Verdict {
  enum class Outcome { ToOutside, ToInside, Dropped };
  Outcome outcome = Outcome::Dropped;
  std::string reason;              // of a drop: "dropped by home-a: filtering (APDF): …"
  std::optional<IcmpError> error;  // of a drop that its sender is told about
  std::vector<Bytes> rest{};       // what leaves behind the packet, when it had to be cut
};

}  // namespace rtclab::nat
