#include "topologies/resolve.h"

#include "topologies/embedded_address.h"

#include <algorithm>

namespace rtclab::topology {
namespace {

std::optional<Ip> first_address(const Topology& topology, std::string_view machine, Family family) {
  for (const auto& interface : topology.interfaces_of(machine)) {
    if (const auto address = interface.address(family)) return address->ip;
  }
  return std::nullopt;
}

// The first NAT64 on the way out from an interface, past firewalls.
const Nat64* nat64_outward(const Topology& topology, const Nets& nets, LinkEnd at) {
  const auto most = topology.firewalls.size() + 1;
  for (std::size_t passed = 0; passed < most; ++passed) {
    const auto* const net = nets.net_of(at);
    if (net == nullptr || net->gates.empty()) return nullptr;
    const auto& gate = net->gates.front();
    if (const auto* const nat = topology.find_nat64(gate)) return nat;
    if (topology.find_firewall(gate) == nullptr) return nullptr;
    at = {gate, "outside"};
  }
  return nullptr;
}

}  // namespace

std::optional<Prefix> dns64_prefix(const Topology& topology, const Nets& nets,
                                   std::string_view host) {
  for (const auto& interface : topology.interfaces_of(host)) {
    if (!interface.address(Family::V6)) continue;
    const auto* const nat = nat64_outward(topology, nets, {std::string{host}, interface.name});
    if (nat != nullptr && nat->dns64) return nat->prefix;
  }
  return std::nullopt;
}

std::vector<Ip> resolve(const Topology& topology, const Nets& nets, std::string_view host,
                        std::string_view machine) {
  std::vector<Ip> found;
  const auto v4 = first_address(topology, machine, Family::V4);
  const auto v6 = first_address(topology, machine, Family::V6);
  if (v4 && first_address(topology, host, Family::V4)) found.push_back(*v4);
  if (!first_address(topology, host, Family::V6)) return found;
  if (v6) found.push_back(*v6);
  if (v6 || !v4) return found;
  const auto prefix = dns64_prefix(topology, nets, host);
  if (prefix && may_be_embedded(*prefix, *v4)) found.push_back(embed(*prefix, *v4));
  return found;
}

}  // namespace rtclab::topology
