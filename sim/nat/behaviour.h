// NAT behaviour in the words of RFC 4787: mapping (§4.1) and filtering (§5).
//
// The enumerations are the topology's. Here stands what follows from them, knowing nothing of
// packets.
#pragma once

#include "topologies/topology.h"

namespace rtclab::nat {

using topology::Filtering;
using topology::Mapping;

struct Behaviour {
  Mapping mapping;
  Filtering filtering;
};

// Returns whether hole punching can connect two peers behind such NATs over UDP, when each learns
// its server-reflexive address from a third party and both may learn peer-reflexive ones.
//
// An oracle for tests: it knows nothing of ICE. Ports are random, and each mapping admits only
// those to whom something was sent through it, so what one mapping admits helps no other.
[[nodiscard]] constexpr bool direct_path_exists(const Behaviour& a, const Behaviour& b) {
  const auto shifts = [](const Behaviour& nat) {
    return nat.mapping != Mapping::EndpointIndependent;
  };
  const auto strict = [](const Behaviour& nat) {
    return nat.filtering == Filtering::AddressAndPortDependent;
  };
  // Both advertise the endpoint they will use: each opens the way for the other.
  if (!shifts(a) && !shifts(b)) return true;
  // One shows a port that was never advertised. The other admits it if it looks at the address at
  // most, and then answers the port it saw.
  if (!shifts(a)) return !strict(a);
  if (!shifts(b)) return !strict(b);
  // Both shift. Somebody must get in at the advertised endpoint without having been asked (EIF),
  // the other must admit the answer from a new port (not APDF), and the chase ends only at a
  // mapping that depends on the address alone, because it stays when the peer's port changes.
  const auto open = [](const Behaviour& nat) {
    return nat.filtering == Filtering::EndpointIndependent;
  };
  const auto settles = [](const Behaviour& nat) {
    return nat.mapping == Mapping::AddressDependent;
  };
  return !strict(a) && !strict(b) && (open(a) || open(b)) && (settles(a) || settles(b));
}

}  // namespace rtclab::nat
