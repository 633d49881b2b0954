// A NAT's behaviour as the attributes that say it.
#pragma once

#include "topologies/nat.h"

#include <string>
#include <string_view>
#include <vector>

namespace rtclab::topology {

struct NatTerm {
  std::string_view attribute;  // "portAllocation"
  std::string value;           // "random"
  friend bool operator==(const NatTerm&, const NatTerm&) = default;
};

// What differs from a <nat> without attributes, in the order of docs/nats.md; loading these
// attributes gives the behaviour back.
[[nodiscard]] std::vector<NatTerm> terms_of(const NatBehaviour& nat);

}  // namespace rtclab::topology
