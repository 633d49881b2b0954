// What a name of a machine stands for, as the resolver of a host's net would answer.
//
// Spec: RFC 6147 (DNS64), RFC 6724 §6 (which of several is tried first). Names are resolved here
// and not by packets: no scenario waits for a resolver, and no capture shows one. The prefix is
// what a host's resolver is configured with, so that RFC 7050's discovery does not arise.
#pragma once

#include "topologies/nets.h"
#include "topologies/topology.h"

#include <optional>
#include <string_view>
#include <vector>

namespace rtclab::topology {

// The prefix of the NAT64 with DNS64 that is the host's way out, directly or behind firewalls;
// nullopt when there is none.
[[nodiscard]] std::optional<Prefix> dns64_prefix(const Topology& topology, const Nets& nets,
                                                 std::string_view host);

// The addresses of `machine` that `host` can use: at most one of each family that the host has,
// IPv4 first. Behind a DNS64 a machine that has IPv4 alone also gets an IPv6 one, behind the
// prefix (RFC 6147 §5.1.7); one that has IPv6 does not (§5.1.1).
[[nodiscard]] std::vector<Ip> resolve(const Topology& topology, const Nets& nets,
                                      std::string_view host, std::string_view machine);

}  // namespace rtclab::topology
