// Why a test that saw something else than it should, or nothing, says nothing of a NAT: what the
// file says leaves the tests themselves no room, or no time.
#pragma once

#include "scenarios/selfcheck/observation.h"
#include "topologies/nat.h"

#include <string>
#include <string_view>

namespace rtclab::selfcheck {

// Half a sentence; empty: nothing excuses it.
[[nodiscard]] std::string excuse_over_udp(const UdpSeen& seen, const topology::NatBehaviour& nat,
                                          std::string_view term);
[[nodiscard]] std::string excuse_over_tcp(const topology::NatBehaviour& nat);

}  // namespace rtclab::selfcheck
