#include "scenarios/validate/access.h"

#include <fmt/format.h>

#include <cassert>
#include <chrono>
#include <string>

namespace rtclab::validate {
namespace {

using namespace std::chrono_literals;
using topology::Topology;

// The nets of one side: what is inside, and the /24 that the Internet knows.
struct Place {
  std::string host;
  std::string gate;
  std::string private_net;  // the first three octets
  std::string public_net;
};

topology::Interface interface(std::string name, const std::string& address) {
  return {std::move(name), {*Prefix::parse(address)}};
}

void add_link(Topology& topology, topology::LinkEnd a, topology::LinkEnd b, Duration delay) {
  topology::Link link{std::move(a), std::move(b)};
  link.a_to_b.delay = link.b_to_a.delay = delay;
  topology.links.push_back(std::move(link));
}

void add_host(Topology& topology, const Place& place, const std::string& address) {
  topology.hosts.push_back({place.host, {interface("eth0", address)}});
}

void add_nat(Topology& topology, const Place& place, const Access& access) {
  assert(access.addresses >= 1 && access.addresses <= 200);
  topology::Nat nat;
  nat.name = place.gate;
  nat.inside = interface("inside", place.private_net + ".1/24");
  nat.outside.name = "outside";
  for (std::size_t n = 1; n <= access.addresses; ++n)
    nat.outside.addresses.push_back(*Prefix::parse(fmt::format("{}.{}/24", place.public_net, n)));
  nat.behaviour = access.nat;
  topology.nats.push_back(std::move(nat));
}

void add_firewall(Topology& topology, const Place& place) {
  topology.firewalls.push_back({place.gate, interface("inside", place.public_net + ".1/25"),
                                interface("outside", place.public_net + ".129/25")});
}

void add_side(Topology& topology, const Place& place, const Access& access) {
  switch (access.gate) {
    case Gate::None:
      add_host(topology, place, place.public_net + ".10/24");
      add_link(topology, {place.host, "eth0"}, {"internet"}, 20ms);
      return;
    case Gate::Firewall:
      add_host(topology, place, place.public_net + ".10/25");
      add_firewall(topology, place);
      break;
    case Gate::Nat:
      add_host(topology, place, place.private_net + ".10/24");
      add_nat(topology, place, access);
      break;
  }
  add_link(topology, {place.host, "eth0"}, {place.gate, "inside"}, 1ms);
  add_link(topology, {place.gate, "outside"}, {"internet"}, 19ms);
}

// The middle of the network and its servers.
Topology internet(std::string name) {
  Topology topology;
  topology.name = std::move(name);
  topology.routers = {{"internet"}};
  topology.stun_servers = {{"stun", interface("eth0", "192.0.2.10/26")}};
  add_link(topology, {"stun", "eth0"}, {"internet"}, 5ms);
  topology::TurnServer turn;
  turn.name = "turn";
  turn.interface = interface("eth0", "192.0.2.70/26");
  turn.realm = "rtclab.example";
  turn.users = {{"user", "secret"}};
  topology.turn_servers = {std::move(turn)};
  add_link(topology, {"turn", "eth0"}, {"internet"}, 5ms);
  return topology;
}

}  // namespace

topology::NatBehaviour nat_of(topology::Mapping mapping, topology::Filtering filtering) {
  topology::NatBehaviour nat;
  nat.mapping = mapping;
  nat.filtering = filtering;
  nat.port_allocation = topology::PortAllocation::Random;
  return nat;
}

Access behind(topology::Mapping mapping, topology::Filtering filtering) {
  return {.gate = Gate::Nat, .nat = nat_of(mapping, filtering)};
}

Topology two_sides(const Access& a, const Access& b) {
  auto topology = internet("two-sides");
  add_side(topology, {std::string{kA}, "gate-a", "192.168.1", "203.0.113"}, a);
  add_side(topology, {std::string{kB}, "gate-b", "192.168.2", "198.51.100"}, b);
  return topology;
}

Topology two_homes_of_one_provider(const topology::NatBehaviour& home,
                                   const topology::NatBehaviour& cgn) {
  auto topology = internet("two-homes-of-one-provider");
  topology.lans = {{"provider"}};
  const auto add_home = [&](const std::string& host, const std::string& gate,
                            const std::string& net, const std::string& outside) {
    add_host(topology, {host, gate, net, {}}, net + ".10/24");
    topology.nats.push_back(
        {gate, interface("inside", net + ".1/24"), interface("outside", outside), home});
    add_link(topology, {host, "eth0"}, {gate, "inside"}, 1ms);
    add_link(topology, {gate, "outside"}, {"provider"}, 5ms);
  };
  add_home(std::string{kA}, "gate-a", "192.168.1", "100.64.0.2/10");
  add_home(std::string{kB}, "gate-b", "192.168.2", "100.64.0.3/10");
  topology.nats.push_back(
      {"cgn", interface("inside", "100.64.0.1/10"), interface("outside", "198.51.100.1/24"), cgn});
  add_link(topology, {"provider"}, {"cgn", "inside"}, 1ms);
  add_link(topology, {"cgn", "outside"}, {"internet"}, 10ms);
  return topology;
}

}  // namespace rtclab::validate
