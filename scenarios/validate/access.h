// How a machine is connected to the Internet, and two such machines with a STUN and a TURN server
// between: the stage of everything that asks who reaches whom.
#pragma once

#include "topologies/topology.h"

#include <cstddef>
#include <string_view>

namespace rtclab::validate {

enum class Gate {
  None,      // a public address and nothing before it
  Firewall,  // a public address behind a stateful firewall
  Nat,
};

struct Access {
  Gate gate = Gate::None;
  topology::NatBehaviour nat{};  // of Gate::Nat
  std::size_t addresses = 1;     // that the NAT has outside; at most 200
};

[[nodiscard]] topology::NatBehaviour nat_of(topology::Mapping mapping,
                                            topology::Filtering filtering);
[[nodiscard]] Access behind(topology::Mapping mapping, topology::Filtering filtering);

inline constexpr std::string_view kA = "a";
inline constexpr std::string_view kB = "b";

// Hosts "a" and "b", their gates "gate-a" and "gate-b", a router "internet", servers "stun" and
// "turn" (user "user", password "secret"). Each way between the hosts takes 40 ms.
[[nodiscard]] topology::Topology two_sides(const Access& a, const Access& b);
// The same two hosts behind home NATs whose outsides are in one provider's net, 100.64.0.0/10, and
// behind that provider's NAT "cgn" (NAT444).
[[nodiscard]] topology::Topology two_homes_of_one_provider(const topology::NatBehaviour& home,
                                                           const topology::NatBehaviour& cgn);

}  // namespace rtclab::validate
