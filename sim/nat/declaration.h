// What a NAT is configured to be, as an event: who judges a run from its evidence alone knows it.
#pragma once

#include "agents/base/event.h"
#include "topologies/topology.h"

namespace rtclab::nat {

// nat:declared. Terms as topology files have them; lifetimes in seconds ("udp_s"), outside
// addresses in one text, limits only where there are some.
[[nodiscard]] Event declaration_of(const topology::NatBehaviour& behaviour,
                                   const topology::Interface& outside);

}  // namespace rtclab::nat
