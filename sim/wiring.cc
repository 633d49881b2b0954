#include "sim/wiring.h"

#include <cassert>
#include <deque>
#include <set>

namespace rtclab::sim {

using topology::MachineKind;

namespace {

// Has an inside, and an outside that the inside's packets leave by.
bool is_gate(std::optional<MachineKind> kind) {
  return kind == MachineKind::Nat || kind == MachineKind::Nat64 || kind == MachineKind::Clat ||
         kind == MachineKind::Npt || kind == MachineKind::Firewall;
}

}  // namespace

Wiring::Wiring(Network& network, const topology::Topology& topology) : topology_{topology} {
  for (const auto& link : topology_.links) {
    auto a = spec_of(link.a);
    auto b = spec_of(link.b);
    LinkSpec spec;
    spec.a_to_b = link.a_to_b;
    spec.b_to_a = link.b_to_a;
    auto& built = *links_.emplace_back(
        std::make_unique<Link>(network, std::move(spec), std::move(a), std::move(b)));
    for (auto* const end : {&built.a(), &built.b()}) by_machine_[end->machine()].push_back(end);
    peers_[&built.a()] = &built.b();
    peers_[&built.b()] = &built.a();
  }
}

InterfaceSpec Wiring::spec_of(const topology::LinkEnd& end) {
  const auto interfaces = topology_.interfaces_of(end.machine);
  for (const auto& interface : interfaces) {
    if (interface.name == end.interface) return {end.machine, interface.name, interface.addresses};
  }
  assert(interfaces.empty() && "the loader checks that link ends exist");
  return {end.machine, "eth" + std::to_string(ports_given_[end.machine]++), {}};
}

Interface* Wiring::find(std::string_view machine, std::string_view interface) const {
  for (auto* const candidate : interfaces_of(machine)) {
    if (candidate->name() == interface) return candidate;
  }
  return nullptr;
}

std::vector<Interface*> Wiring::interfaces_of(std::string_view machine) const {
  const auto found = by_machine_.find(machine);
  return found == by_machine_.end() ? std::vector<Interface*>{} : found->second;
}

Interface& Wiring::peer_of(const Interface& interface) const {
  return *peers_.at(&interface);
}

// A machine that passes packets on without changing them. A NAT64 does so with the IPv6 that is not
// for its prefix, if its outside has IPv6.
bool Wiring::routes(std::string_view machine, Family family) const {
  const auto kind = topology_.kind_of(machine);
  if (kind == MachineKind::Router || kind == MachineKind::Firewall) return true;
  return (kind == MachineKind::Nat || kind == MachineKind::Nat64) && family == Family::V6;
}

// Breadth first, in the order of the links. A machine is passed once. What has addresses is found,
// whether the way goes on behind it or not.
std::vector<Wiring::Behind> Wiring::search(const Interface& from,
                                           std::optional<Family> routed) const {
  std::vector<Behind> found;
  std::set<std::string_view> passed{from.machine()};
  std::deque<Behind> entered{{&peer_of(from), 0}};
  while (!entered.empty()) {
    const auto at = entered.front();
    entered.pop_front();
    const auto& machine = at.interface->machine();
    if (machine == from.machine()) continue;
    const bool lan = topology_.kind_of(machine) == MachineKind::Lan;
    const bool router = routed && routes(machine, *routed);
    const bool transparent = lan || topology_.kind_of(machine) == MachineKind::Router;
    if (!transparent || (!lan && !router)) found.push_back(at);
    if ((!lan && !router) || !passed.insert(machine).second) continue;
    const auto hops = at.routers + (lan ? 0 : 1);
    for (auto* const way : interfaces_of(machine)) {
      if (way == at.interface) continue;
      if (!transparent) found.push_back({way, hops});  // the far side's own address
      entered.push_back({&peer_of(*way), hops});
    }
  }
  return found;
}

std::vector<Interface*> Wiring::stations(const Interface& from) const {
  std::vector<Interface*> near;
  for (const auto& behind : search(from, std::nullopt)) near.push_back(behind.interface);
  return near;
}

std::vector<Wiring::Behind> Wiring::addresses_behind(const Interface& from, Family family) const {
  return search(from, family);
}

Interface* Wiring::gateway_of(const Interface& from) const {
  const auto near = stations(from);
  for (auto* const station : near) {
    if (is_gate(topology_.kind_of(station->machine())) && station->name() == "inside") {
      return station;
    }
  }
  for (auto* const station : near) {
    if (topology_.kind_of(station->machine()) == MachineKind::Router) return station;
  }
  return nullptr;
}

}  // namespace rtclab::sim
