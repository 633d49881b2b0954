#include "sim/wiring.h"

#include <cassert>
#include <deque>
#include <set>

namespace rtclab::sim {

using topology::MachineKind;

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
    if (interface.name == end.interface) return {end.machine, interface.name, interface.address};
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

// Breadth first, in the order of the links. A machine is passed once.
std::vector<Wiring::Behind> Wiring::search(const Interface& from, bool through_routers) const {
  std::vector<Behind> found;
  std::set<std::string_view> passed{from.machine()};
  std::deque<Behind> entered{{&peer_of(from), 0}};
  while (!entered.empty()) {
    const auto at = entered.front();
    entered.pop_front();
    const auto& machine = at.interface->machine();
    const bool router = topology_.kind_of(machine) == MachineKind::Router;
    const bool lan = topology_.kind_of(machine) == MachineKind::Lan;
    if (!lan && !(router && through_routers)) {
      if (machine != from.machine()) found.push_back(at);
    } else if (passed.insert(machine).second) {
      for (auto* const way : interfaces_of(machine)) {
        if (way != at.interface) entered.push_back({&peer_of(*way), at.routers + (router ? 1 : 0)});
      }
    }
  }
  return found;
}

std::vector<Interface*> Wiring::stations(const Interface& from) const {
  std::vector<Interface*> near;
  for (const auto& behind : search(from, false)) near.push_back(behind.interface);
  return near;
}

std::vector<Wiring::Behind> Wiring::addresses_behind(const Interface& from) const {
  return search(from, true);
}

Interface* Wiring::gateway_of(const Interface& from) const {
  const auto near = stations(from);
  for (auto* const station : near) {
    const auto* const nat = topology_.find_nat(station->machine());
    if (nat != nullptr && nat->inside.name == station->name()) return station;
  }
  for (auto* const station : near) {
    if (topology_.kind_of(station->machine()) == MachineKind::Router) return station;
  }
  return nullptr;
}

}  // namespace rtclab::sim
