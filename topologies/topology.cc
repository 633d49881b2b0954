#include "topologies/topology.h"

#include <algorithm>

namespace rtclab::topology {
namespace {

template <class Machine>
const Machine* find(const std::vector<Machine>& machines, std::string_view name) {
  const auto found = std::ranges::find(machines, name, &Machine::name);
  return found == machines.end() ? nullptr : &*found;
}

}  // namespace

std::string LinkEnd::to_string() const {
  return interface.empty() ? machine : machine + "." + interface;
}

std::optional<Prefix> Interface::address(Family family) const {
  const auto found = std::ranges::find_if(
      addresses, [&](const Prefix& address) { return address.ip.family() == family; });
  return found == addresses.end() ? std::nullopt : std::optional{*found};
}

const Host* Topology::find_host(std::string_view machine) const {
  return find(hosts, machine);
}

const Nat* Topology::find_nat(std::string_view machine) const {
  return find(nats, machine);
}

const Nat64* Topology::find_nat64(std::string_view machine) const {
  return find(nat64s, machine);
}

const Firewall* Topology::find_firewall(std::string_view machine) const {
  return find(firewalls, machine);
}

const StunServer* Topology::find_stun_server(std::string_view machine) const {
  return find(stun_servers, machine);
}

const TurnServer* Topology::find_turn_server(std::string_view machine) const {
  return find(turn_servers, machine);
}

const SignallingServer* Topology::find_signalling_server(std::string_view machine) const {
  return find(signalling_servers, machine);
}

std::optional<MachineKind> Topology::kind_of(std::string_view machine) const {
  if (find(hosts, machine)) return MachineKind::Host;
  if (find(nats, machine)) return MachineKind::Nat;
  if (find(nat64s, machine)) return MachineKind::Nat64;
  if (find(clats, machine)) return MachineKind::Clat;
  if (find(npts, machine)) return MachineKind::Npt;
  if (find(firewalls, machine)) return MachineKind::Firewall;
  if (find(lans, machine)) return MachineKind::Lan;
  if (find(routers, machine)) return MachineKind::Router;
  if (find(stun_servers, machine)) return MachineKind::StunServer;
  if (find(turn_servers, machine)) return MachineKind::TurnServer;
  if (find(signalling_servers, machine)) return MachineKind::SignallingServer;
  return std::nullopt;
}

std::vector<std::string> Topology::machine_names() const {
  std::vector<std::string> names;
  const auto add = [&](const auto& machines) {
    for (const auto& machine : machines) names.push_back(machine.name);
  };
  add(hosts);
  add(nats);
  add(nat64s);
  add(clats);
  add(npts);
  add(firewalls);
  add(lans);
  add(routers);
  add(stun_servers);
  add(turn_servers);
  add(signalling_servers);
  return names;
}

std::vector<Interface> Topology::interfaces_of(std::string_view machine) const {
  if (const auto* host = find_host(machine)) return host->interfaces;
  if (const auto* nat = find_nat(machine)) return {nat->inside, nat->outside};
  if (const auto* nat = find_nat64(machine)) return {nat->inside, nat->outside};
  if (const auto* clat = find(clats, machine)) return {clat->inside, clat->outside};
  if (const auto* npt = find(npts, machine)) return {npt->inside, npt->outside};
  if (const auto* wall = find_firewall(machine)) return {wall->inside, wall->outside};
  if (const auto* server = find_stun_server(machine)) return {server->interface};
  if (const auto* server = find_turn_server(machine)) return {server->interface};
  if (const auto* server = find_signalling_server(machine)) return {server->interface};
  return {};
}

std::string_view to_string(ServerTransport transport) {
  switch (transport) {
    case ServerTransport::Udp: return "udp";
    case ServerTransport::Tcp: return "tcp";
    case ServerTransport::Tls: return "tls";
  }
  __builtin_unreachable();
}

std::string_view to_string(WifiStandard standard) {
  switch (standard) {
    case WifiStandard::N: return "802.11n";
    case WifiStandard::A: return "802.11a";
    case WifiStandard::G: return "802.11g";
  }
  __builtin_unreachable();
}

std::string_view to_string(MachineKind kind) {
  switch (kind) {
    case MachineKind::Host: return "host";
    case MachineKind::Nat: return "nat";
    case MachineKind::Nat64: return "nat64";
    case MachineKind::Clat: return "clat";
    case MachineKind::Npt: return "npt";
    case MachineKind::Firewall: return "firewall";
    case MachineKind::Lan: return "lan";
    case MachineKind::Router: return "router";
    case MachineKind::StunServer: return "stun-server";
    case MachineKind::TurnServer: return "turn-server";
    case MachineKind::SignallingServer: return "signalling-server";
  }
  __builtin_unreachable();
}

}  // namespace rtclab::topology
