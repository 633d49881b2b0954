// What follows from a NAT's behaviour, in the words of RFC 4787: how it looks to somebody who sends
// packets through it, and whom it lets meet. Knows nothing of packets.
//
// Oracles for tests and for `rtclab check --behaviour`: the translator does not use them.
#pragma once

#include "topologies/nat.h"

#include <cstddef>
#include <string>

namespace rtclab::nat {

using topology::Filtering;
using topology::Mapping;

struct Behaviour {
  Mapping mapping;
  Filtering filtering;
  // RFC 4787 §4.1, pooling arbitrary: another outside address with each mapping.
  bool moves = false;
  friend bool operator==(const Behaviour&, const Behaviour&) = default;
};

// What a client alone behind a NAT finds out by RFC 5780: §4.3 (mapping), §4.4 (filtering) and §4.5
// (hairpinning: a packet from another local port to its own mapping arrives).
struct Appearance {
  Mapping mapping;
  Filtering filtering;
  bool hairpins;
  // Where draws decide: the NAT may by chance look like EIM.
  bool by_chance;
  std::string reason;  // why it looks other than it is configured; empty: it does not
};

// `addresses`: how many the NAT has outside. RFC 5780 looks at UDP; TCP is judged by the same
// tests.
[[nodiscard]] Appearance appears(const topology::NatBehaviour& nat, std::size_t addresses = 1,
                                 Transport transport = Transport::Udp);

// How it behaves towards several peers of one inside host, over UDP.
[[nodiscard]] Behaviour effective(const topology::NatBehaviour& nat, std::size_t addresses = 1);

// Returns whether hole punching can connect two peers behind such NATs over UDP, when each learns
// its server-reflexive address from a third party and both may learn peer-reflexive ones.
//
// It knows nothing of ICE. Ports are random, and so are the outside addresses of a NAT that moves:
// none is drawn twice. Each mapping admits only those to whom something was sent through it, so
// what one mapping admits helps no other.
[[nodiscard]] bool direct_path_exists(const Behaviour& a, const Behaviour& b);

}  // namespace rtclab::nat
