// NATs that have a name: what people mean when they say "symmetric" or "Linux", in the terms of the
// RFCs.
//
// A preset is no more than the NatBehaviour it expands to: <nat preset="symmetric"> and the same
// terms written out are the same NAT. docs/nats.md prints the table.
#pragma once

#include "topologies/nat.h"

#include <span>
#include <string_view>

namespace rtclab::topology {

struct NatPreset {
  std::string_view name;    // "symmetric"
  std::string_view title;   // "RFC 3489's symmetric NAT"
  std::string_view reason;  // where the terms are from
  NatBehaviour behaviour;
};

// From the most open to the strictest, then those of real systems and networks: the order in which
// they are listed.
[[nodiscard]] std::span<const NatPreset> nat_presets();
// nullptr when there is none of that name.
[[nodiscard]] const NatPreset* find_nat_preset(std::string_view name);

}  // namespace rtclab::topology
