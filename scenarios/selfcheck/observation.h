// What was seen of a NAT or firewall from outside, as plain values.
#pragma once

#include "agents/base/address.h"
#include "agents/base/time.h"
#include "agents/stun/nat_behaviour.h"
#include "topologies/nat.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::selfcheck {

using stun::LifetimeBounds;

// Which outside endpoints several inside ports of one host got, in the order of their first
// packets.
struct PortsSeen {
  struct One {
    Port inside;
    Endpoint outside;
  };
  std::vector<One> ports;
  // Another host used the first of these ports towards another destination: what it got.
  std::optional<Endpoint> same_port_of_another;
};

struct UdpSeen {
  stun::NatBehaviour rfc5780;
  PortsSeen ports;
  // Ours, of a mapping that was in use on both ways, where RFC 5780 §4.6 cannot tell: its
  // RESPONSE-PORT needs one outside address for both of its sockets.
  std::optional<LifetimeBounds> answered;
  std::optional<LifetimeBounds> unanswered;  // of a mapping that nothing came back through
  std::optional<bool> outbound_refreshes, inbound_refreshes;
  std::optional<bool> icmp_errors;  // whether "port unreachable" comes back in
};

struct TcpSeen {
  bool passes = false;  // a connection from the inside stands
  std::optional<Endpoint> local, mapped;
  stun::Finding<stun::Dependence> mapping;    // RFC 5780 §4.3, over TCP
  stun::Finding<stun::Dependence> filtering;  // SYNs of our own
  std::optional<topology::UnsolicitedSyn> unsolicited_syn;
  std::optional<LifetimeBounds> established;
};

[[nodiscard]] std::string to_text(Duration duration);  // "0.001 s", "1800000 s"
[[nodiscard]] std::string to_text(
    const LifetimeBounds& bounds);  // "300 to 301 s", "3600 s or more"

// The longest time that `is_alive` still holds for, to `precision`: binary search.
[[nodiscard]] LifetimeBounds search_lifetime(Duration longest, Duration precision,
                                             const std::function<bool(Duration)>& is_alive);

// nullopt when there is too little to tell. Whether kept ports are shared can only be seen where
// both hosts have one outside address; else they count as preserved.
[[nodiscard]] std::optional<topology::PortAllocation> judge_allocation(const PortsSeen& seen);
[[nodiscard]] std::optional<topology::Pooling> judge_pooling(const PortsSeen& seen);
[[nodiscard]] std::optional<bool> judge_parity(const PortsSeen& seen);
[[nodiscard]] std::optional<topology::Refresh> judge_refresh(const UdpSeen& seen);

}  // namespace rtclab::selfcheck
