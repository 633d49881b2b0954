#include "sim/wiring.h"

#include <algorithm>
#include <cassert>
#include <deque>
#include <set>
#include <utility>

namespace rtclab::sim {

using topology::MachineKind;

namespace {

// Has an inside, and an outside that the inside's packets leave by.
bool is_gate(std::optional<MachineKind> kind) {
  return kind == MachineKind::Nat || kind == MachineKind::Nat64 || kind == MachineKind::Clat ||
         kind == MachineKind::Npt || kind == MachineKind::Firewall;
}

}  // namespace

Wiring::Wiring(Network& network, const topology::Topology& topology)
    : topology_{topology}, directory_{topology} {
  for (const auto& link : topology_.links) lay(network, link);
}

void Wiring::lay(Network& network, const topology::Link& link) {
  auto a = spec_of(link.a);
  auto b = spec_of(link.b);
  std::pair<Interface*, Interface*> ends;
  auto& place = links_.emplace_back();
  if (!link.distance) {
    place = std::make_unique<Link>(network, LinkSpec{{}, link.a_to_b, link.b_to_a}, std::move(a),
                                   std::move(b));
    ends = {&place->a(), &place->b()};
  } else if (directory_.kind_of(link.b.machine) == MachineKind::Lan) {
    const auto station = cell_of(network, link.b.machine)
                             .add(std::move(a), std::move(b), *link.distance, link.a_to_b.mtu);
    ends = {station.station, station.port};
  } else {
    const auto station = cell_of(network, link.a.machine)
                             .add(std::move(b), std::move(a), *link.distance, link.b_to_a.mtu);
    ends = {station.port, station.station};
  }
  for (auto* const end : {ends.first, ends.second}) by_machine_[end->machine()].push_back(end);
  peers_[ends.first] = ends.second;
  peers_[ends.second] = ends.first;
}

WifiCell& Wiring::cell_of(Network& network, const std::string& access_point) {
  const auto number = static_cast<unsigned>(cells_.size());
  auto& cell = cells_[access_point];
  if (!cell) {
    const auto lan = std::ranges::find(topology_.lans, access_point, &topology::Lan::name);
    assert(lan != topology_.lans.end() && lan->wifi && "the loader checks that it has Wi-Fi");
    cell = std::make_unique<WifiCell>(network, access_point, *lan->wifi, number);
  }
  return *cell;
}

InterfaceSpec Wiring::spec_of(const topology::LinkEnd& end) {
  if (const auto* const interface = directory_.find(end.machine, end.interface)) {
    return {end.machine, interface->name, interface->addresses};
  }
  assert(directory_.interfaces_of(end.machine).empty() && "the loader checks that link ends exist");
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
  const auto kind = directory_.kind_of(machine);
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
    const bool lan = directory_.kind_of(machine) == MachineKind::Lan;
    const bool router = routed && routes(machine, *routed);
    const bool transparent = lan || directory_.kind_of(machine) == MachineKind::Router;
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
    if (is_gate(directory_.kind_of(station->machine())) && station->name() == "inside") {
      return station;
    }
  }
  for (auto* const station : near) {
    if (directory_.kind_of(station->machine()) == MachineKind::Router) return station;
  }
  return nullptr;
}

}  // namespace rtclab::sim
