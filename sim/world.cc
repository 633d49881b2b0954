#include "sim/world.h"

#include "agents/tls/identity.h"
#include "sim/host/host.h"
#include "sim/link/network.h"
#include "sim/link/simulation.h"
#include "sim/nat/firewall_node.h"
#include "sim/nat/nat64_node.h"
#include "sim/nat/nat_node.h"
#include "sim/nat/router_node.h"
#include "sim/nat/stateless_nodes.h"
#include "sim/nat/switch_node.h"
#include "sim/service.h"
#include "sim/wiring.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

namespace rtclab::sim {

// In the order in which they are built; the simulation goes last, so nothing it holds is called any
// more.
struct World::Parts {
  Parts(const topology::Topology& plan, WorldOptions wishes)
      : topology{plan},
        options{std::move(wishes)},
        network{options.seed, options.sink},
        wiring{network, topology} {
    const auto has_tls = [](const topology::TurnServer& server) {
      return std::ranges::find(server.transports, topology::ServerTransport::Tls) !=
             server.transports.end();
    };
    if (std::ranges::any_of(topology.turn_servers, has_tls)) {
      auto rng = network.fork("tls authority");
      authority = tls::Authority::generate(rng);
    }
    set_neighbours();
    for (const auto& lan : topology.lans) add_switch(lan);
    for (const auto& router : topology.routers) add_router(router);
    for (const auto& nat : topology.nats) add_nat(nat);
    for (const auto& nat : topology.nat64s) add_nat64(nat);
    for (const auto& clat : topology.clats) add_clat(clat);
    for (const auto& npt : topology.npts) add_npt(npt);
    for (const auto& firewall : topology.firewalls) add_firewall(firewall);
    for (const auto& host : topology.hosts) add_host(host.name);
    for (const auto& server : topology.stun_servers) add_server(server);
    for (const auto& server : topology.turn_servers) add_server(server);
    for (const auto& server : topology.signalling_servers) add_server(server);
  }

  // Behind a switch a frame must name its station; on a cable there is only the other end. All
  // stations of a LAN share one list.
  void set_neighbours() {
    std::map<std::string_view, Interface::Neighbours> lists;  // by the LAN
    std::map<std::string_view, const Interface*> gateways;    // the same
    for (const auto& machine : topology.machine_names()) {
      if (wiring.directory().kind_of(machine) == topology::MachineKind::Lan) continue;
      for (auto* const interface : wiring.interfaces_of(machine)) {
        const auto& peer = wiring.peer_of(*interface);
        if (wiring.directory().kind_of(peer.machine()) != topology::MachineKind::Lan) continue;
        auto& neighbours = lists[peer.machine()];
        if (!neighbours) neighbours = neighbours_of(*interface);
        // Stations of one LAN have one gateway, but for the gateway itself.
        auto& known = gateways[peer.machine()];
        const auto* const gateway =
            known != nullptr && known != interface ? known : wiring.gateway_of(*interface);
        if (known == nullptr) known = gateway;
        // Without a gateway the frame is addressed to the switch's port, which drops it.
        interface->set_neighbours(neighbours, gateway == nullptr ? peer.id() : gateway->id());
      }
    }
  }

  // The addresses on the inside of a firewall, or of what is one to IPv6, whose outside this is.
  [[nodiscard]] std::vector<Ip> passed_by(const Interface& outside) const {
    const auto& machine = outside.machine();
    const auto kind = wiring.directory().kind_of(machine);
    const bool is_firewall = kind == topology::MachineKind::Firewall;
    if (outside.name() != "outside" || (!is_firewall && kind != topology::MachineKind::Nat))
      return {};
    std::vector<Ip> passed;
    const auto* const inside = wiring.find(machine, "inside");
    for (const auto family : {Family::V4, Family::V6}) {
      if (inside == nullptr || (family == Family::V4 && !is_firewall)) continue;
      for (const auto& behind : wiring.addresses_behind(*inside, family)) {
        for (const auto& address : behind.interface->addresses()) {
          if (address.ip.family() == family) passed.push_back(address.ip);
        }
      }
    }
    return passed;
  }

  // Whoever is in the LAN of `interface`, itself too. What lies behind a firewall of this net is
  // reached through it, not through the gateway.
  [[nodiscard]] Interface::Neighbours neighbours_of(const Interface& interface) const {
    auto by_address = std::make_shared<std::map<Ip, capture::InterfaceId>>();
    auto stations = wiring.stations(interface);
    const auto add = [&](const Interface& station) {
      for (const auto& address : station.addresses()) by_address->emplace(address.ip, station.id());
    };
    const auto add_passed = [&](const Interface& station) {
      for (const auto& ip : passed_by(station)) by_address->emplace(ip, station.id());
    };
    for (const auto* const station : stations) add(*station);
    add(interface);
    for (const auto* const station : stations) add_passed(*station);
    add_passed(interface);
    return by_address;
  }

  void add_switch(const topology::Lan& lan) {
    auto& node = *switches.emplace_back(std::make_unique<SwitchNode>(lan.name));
    for (auto* const port : wiring.interfaces_of(lan.name)) {
      node.attach(*port);
      for (const auto* const station : wiring.stations(*port))
        node.add_station(station->id(), *port);
    }
  }

  void add_router(const topology::Router& router) {
    auto& node = *routers.emplace_back(std::make_unique<RouterNode>(router.name));
    for (auto* const interface : wiring.interfaces_of(router.name)) node.attach(*interface);
    set_routes(node);
  }

  // The routes to the addresses that there are now.
  void set_routes(RouterNode& node) {
    node.forget_routes();
    for (const auto family : {Family::V4, Family::V6}) add_routes(node, family);
  }

  // A route to each address, by the way on which it is nearest; among equals the first link's.
  void add_routes(RouterNode& node, Family family) {
    std::map<Ip, unsigned> nearest;
    for (auto* const interface : wiring.interfaces_of(node.name())) {
      for (const auto& [station, between] : wiring.addresses_behind(*interface, family)) {
        for (const auto& [ip, bits] : station->addresses()) {
          if (ip.family() != family) continue;
          const auto known = nearest.find(ip);
          if (known != nearest.end() && known->second <= between) continue;
          nearest[ip] = between;
          node.set_route({ip, ip.is_v4() ? 32u : 128u}, *interface);
          // RFC 6296 §2: to all who stand behind the translator by addresses of this net.
          if (is_outside_of_npt(*station)) node.set_route({ip, bits}, *interface);
        }
      }
    }
  }

  [[nodiscard]] bool is_outside_of_npt(const Interface& station) const {
    return wiring.directory().kind_of(station.machine()) == topology::MachineKind::Npt &&
           station.name() == "outside";
  }

  struct Sides {
    Interface& inside;
    Interface& outside;
  };
  template <class Gate>
  [[nodiscard]] Sides sides_of(const Gate& gate) const {
    auto* const inside = wiring.find(gate.name, gate.inside.name);
    auto* const outside = wiring.find(gate.name, gate.outside.name);
    assert(inside != nullptr && outside != nullptr &&
           "the loader checks that a NAT or firewall has both links");
    return {*inside, *outside};
  }

  void add_nat(const topology::Nat& nat) {
    const auto [inside, outside] = sides_of(nat);
    const auto faults = options.nat_faults.find(nat.name);
    nats.push_back(std::make_unique<NatNode>(
        nat, inside, outside, network.fork("nat " + nat.name), recorder_of(nat.name),
        faults == options.nat_faults.end() ? std::set<nat::Fault>{} : faults->second));
  }

  void add_nat64(const topology::Nat64& nat) {
    const auto [inside, outside] = sides_of(nat);
    nat64s.push_back(std::make_unique<Nat64Node>(
        nat, inside, outside, network.fork("nat64 " + nat.name), recorder_of(nat.name)));
  }

  // The one that the inside net has.
  [[nodiscard]] const Interface& host_of(const topology::Clat& clat) const {
    for (const auto* const station : wiring.stations(sides_of(clat).inside)) {
      if (station->address(Family::V4)) return *station;
    }
    assert(false && "the loader checks that a CLAT has a host");
    std::abort();
  }

  void add_clat(const topology::Clat& clat) {
    const auto [inside, outside] = sides_of(clat);
    clats.push_back(
        std::make_unique<ClatNode>(clat, *host_of(clat).address(Family::V4), inside, outside));
  }

  // Those for which it is another address that the machine has, theirs or their host's.
  void tell_clats(std::string_view machine) const {
    for (std::size_t i = 0; i < clats.size(); ++i) {
      const auto& host = host_of(topology.clats[i]);
      if (machine == topology.clats[i].name || machine == host.machine())
        clats[i]->note_addresses_changed(*host.address(Family::V4));
    }
  }

  void add_npt(const topology::Npt& npt) {
    const auto [inside, outside] = sides_of(npt);
    npts.push_back(std::make_unique<NptNode>(npt, inside, outside));
  }

  void add_firewall(const topology::Firewall& firewall) {
    const auto [inside, outside] = sides_of(firewall);
    firewalls.push_back(
        std::make_unique<FirewallNode>(firewall, inside, outside, recorder_of(firewall.name)));
  }

  [[nodiscard]] NatNode* find_nat(std::string_view name) { return find_named(nats, name); }
  [[nodiscard]] Nat64Node* find_nat64(std::string_view name) { return find_named(nat64s, name); }
  template <class Node>
  [[nodiscard]] static Node* find_named(const std::vector<std::unique_ptr<Node>>& nodes,
                                        std::string_view name) {
    const auto found =
        std::ranges::find_if(nodes, [&](const auto& node) { return node->name() == name; });
    return found == nodes.end() ? nullptr : found->get();
  }

  Host& add_host(const std::string& name) {
    auto& host = *hosts.emplace_back(std::make_unique<Host>(name, network.fork("host " + name)));
    for (const auto* const interface : wiring.directory().interfaces_of(name)) {
      auto* const linked = wiring.find(name, interface->name);
      if (linked == nullptr) continue;
      host.attach(*linked, interface->metric);
      if (!interface->up) host.set_up(*linked, false);
    }
    hosts_by_name.emplace(host.name(), &host);
    return host;
  }

  template <class Server>
  void add_server(const Server& server) {
    auto& host = add_host(server.name);
    starters[server.name] = [this, &server, &host] {
      const auto faults = options.server_deviations.find(server.name);
      auto rng = network.fork("server " + server.name);
      // A program that starts again draws anew: its nonces are others.
      const auto start_number = starts[server.name]++;
      if (start_number > 0) rng = rng.fork("start " + std::to_string(start_number));
      return start(
          server, host,
          {.deviations = faults == options.server_deviations.end() ? Deviations{} : faults->second,
           .rng = rng,
           .record = recorder_of(server.name),
           .topology = topology,
           .authority = authority ? &*authority : nullptr});
    };
    services[server.name] = starters[server.name]();
  }

  struct Found {
    Link* link;
    Way way;
  };
  [[nodiscard]] Found find_link(std::string_view from, std::string_view to) const {
    const auto is = [](const topology::LinkEnd& end, std::string_view text) {
      return end.to_string() == text || end.machine == text;
    };
    for (std::size_t i = 0; i < topology.links.size(); ++i) {
      const auto& link = topology.links[i];
      if (link.distance) continue;  // over the air: its quality is nobody's to set
      if (is(link.a, from) && is(link.b, to)) return {wiring.link(i), Way::AToB};
      if (is(link.a, to) && is(link.b, from)) return {wiring.link(i), Way::BToA};
    }
    assert(false && "no such link");
    std::abort();
  }

  std::function<void(Instant, const Event&)> recorder_of(const std::string& machine) {
    return [this, machine](Instant now, const Event& event) {
      if (options.record) options.record(now, machine, event);
    };
  }

  const topology::Topology& topology;
  WorldOptions options;
  Simulation simulation;
  Network network;
  Wiring wiring;
  std::optional<tls::Authority> authority;  // where there is a server that needs one
  std::vector<std::unique_ptr<SwitchNode>> switches;
  std::vector<std::unique_ptr<RouterNode>> routers;
  std::vector<std::unique_ptr<NatNode>> nats;
  std::vector<std::unique_ptr<Nat64Node>> nat64s;
  std::vector<std::unique_ptr<ClatNode>> clats;  // as in the topology
  std::vector<std::unique_ptr<NptNode>> npts;
  std::vector<std::unique_ptr<FirewallNode>> firewalls;
  std::vector<std::unique_ptr<Host>> hosts;
  std::map<std::string_view, Host*> hosts_by_name;
  // By the server's name.
  std::map<std::string, std::function<std::unique_ptr<Service>()>, std::less<>> starters;
  std::map<std::string, unsigned> starts;
  std::map<std::string, std::unique_ptr<Service>, std::less<>> services;
};

World::World(const topology::Topology& topology, WorldOptions options)
    : parts_{std::make_unique<Parts>(topology, std::move(options))} {}
World::~World() = default;

Host& World::host(std::string_view machine) {
  const auto found = parts_->hosts_by_name.find(machine);
  assert(found != parts_->hosts_by_name.end() && "no such host");
  return *found->second;
}

void World::set_up(std::string_view machine, std::string_view interface, bool up) {
  const auto* const found = parts_->wiring.find(machine, interface);
  assert(found != nullptr);
  host(machine).set_up(*found, up);
}

const topology::LinkQuality& World::quality(std::string_view from, std::string_view to) const {
  const auto [link, way] = parts_->find_link(from, to);
  return link->quality(way);
}

void World::set_quality(std::string_view from, std::string_view to,
                        const topology::LinkQuality& quality) {
  const auto [link, way] = parts_->find_link(from, to);
  link->set_quality(way, quality);
}

void World::set_running(std::string_view server, bool runs) {
  const auto starter = parts_->starters.find(server);
  assert(starter != parts_->starters.end());
  auto& service = parts_->services[starter->first];
  if (!runs) service.reset();
  if (runs && !service) service = starter->second();
}

void World::restart_nat(std::string_view nat) {
  if (auto* const nat64 = parts_->find_nat64(nat)) return nat64->restart();
  auto* const node = parts_->find_nat(nat);
  assert(node != nullptr);
  node->restart();
}

void World::set_nat(std::string_view nat, const topology::NatBehaviour& behaviour) {
  if (auto* const nat64 = parts_->find_nat64(nat)) return nat64->set_behaviour(behaviour);
  auto* const node = parts_->find_nat(nat);
  assert(node != nullptr);
  node->set_behaviour(behaviour);
}

void World::set_addresses(std::string_view machine, std::string_view interface,
                          std::vector<Prefix> addresses) {
  auto* const found = parts_->wiring.find(machine, interface);
  assert(found != nullptr && !addresses.empty());
  const auto before = found->addresses();
  found->set_addresses(std::move(addresses));
  parts_->set_neighbours();
  for (const auto& router : parts_->routers) parts_->set_routes(*router);
  for (const auto& host : parts_->hosts) {
    if (host->name() == machine) host->note_addresses_changed(*found, before);
  }
  if (auto* const nat = parts_->find_nat(machine)) nat->note_addresses_changed();
  if (auto* const nat = parts_->find_nat64(machine)) nat->note_addresses_changed();
  if (auto* const npt = parts_->find_named(parts_->npts, machine)) npt->note_addresses_changed();
  parts_->tell_clats(machine);
}

const Bytes* World::tls_authority() const {
  return parts_->authority ? &parts_->authority->der() : nullptr;
}

const topology::Topology& World::topology() const {
  return parts_->topology;
}
SeededRng World::fork(std::string_view name) const {
  return parts_->network.fork(name);
}
capture::Sink* World::sink() const {
  return parts_->network.sink();
}

Instant World::now() const {
  return Simulation::now();
}
void World::schedule(Instant at, std::function<void()> action) {
  Simulation::schedule(at, std::move(action));
}
bool World::run_until(Instant until) {
  return parts_->simulation.run_until(until);
}
void World::stop() {
  parts_->simulation.stop();
}

void World::end_capture() {
  parts_->network.end_capture();
}

}  // namespace rtclab::sim
