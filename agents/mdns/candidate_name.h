// The names that stand in for host addresses: "1f4712db-ea17-4bcf-a596-105139dfd8bf.local".
//
// Spec: draft-ietf-mmusic-mdns-ice-candidates §3.1.1 step 3 (form), §3.2.1 step 1 (what counts as
// such a name), §3.2.2 (which are resolved).
#pragma once

#include "agents/base/rng.h"

#include <string>
#include <string_view>

namespace rtclab::mdns {

// A version 4 UUID (RFC 4122 §4.4) and ".local".
[[nodiscard]] std::string draw_candidate_name(Rng& rng);

// Whether the connection-address of a candidate is to be resolved by mDNS at all: it ends in
// ".local" and has no other dot. Anything else is an address or a DNS name.
[[nodiscard]] bool is_local_name(std::string_view connection_address);

// Whether it also has the form of draw_candidate_name(), in either case. Others SHOULD NOT be
// resolved: a page could else send ICE checks to a printer that it knows by name.
[[nodiscard]] bool is_candidate_name(std::string_view connection_address);

}  // namespace rtclab::mdns
