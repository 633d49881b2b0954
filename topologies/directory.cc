#include "topologies/directory.h"

#include <utility>

namespace rtclab::topology {

Directory::Directory(const Topology& topology) {
  const auto add = [&](const auto& machines, MachineKind kind, auto&& interfaces_of) {
    for (const auto& machine : machines) {
      entries_.emplace(machine.name, Entry{kind, interfaces_of(machine)});
    }
  };
  using Interfaces = std::vector<const Interface*>;
  const auto of_host = [](const Host& host) {
    Interfaces interfaces;
    for (const auto& interface : host.interfaces) interfaces.push_back(&interface);
    return interfaces;
  };
  const auto two = [](const auto& gate) { return Interfaces{&gate.inside, &gate.outside}; };
  const auto one = [](const auto& server) { return Interfaces{&server.interface}; };
  const auto none = [](const auto&) { return Interfaces{}; };
  add(topology.hosts, MachineKind::Host, of_host);
  add(topology.nats, MachineKind::Nat, two);
  add(topology.nat64s, MachineKind::Nat64, two);
  add(topology.clats, MachineKind::Clat, two);
  add(topology.npts, MachineKind::Npt, two);
  add(topology.firewalls, MachineKind::Firewall, two);
  add(topology.lans, MachineKind::Lan, none);
  add(topology.routers, MachineKind::Router, none);
  add(topology.stun_servers, MachineKind::StunServer, one);
  add(topology.turn_servers, MachineKind::TurnServer, one);
  add(topology.signalling_servers, MachineKind::SignallingServer, one);
}

const Directory::Entry* Directory::entry_of(std::string_view machine) const {
  const auto found = entries_.find(machine);
  return found == entries_.end() ? nullptr : &found->second;
}

std::optional<MachineKind> Directory::kind_of(std::string_view machine) const {
  const auto* const entry = entry_of(machine);
  return entry == nullptr ? std::nullopt : std::optional{entry->kind};
}

const std::vector<const Interface*>& Directory::interfaces_of(std::string_view machine) const {
  static const std::vector<const Interface*> kNone;
  const auto* const entry = entry_of(machine);
  return entry == nullptr ? kNone : entry->interfaces;
}

const Interface* Directory::find(std::string_view machine, std::string_view interface) const {
  for (const auto* const candidate : interfaces_of(machine)) {
    if (candidate->name == interface) return candidate;
  }
  return nullptr;
}

}  // namespace rtclab::topology
