// Networks with one NAT, for tests that classify it.
#pragma once

#include "topologies/topology.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::selfcheck {

inline topology::Interface an_interface(std::string name,
                                        const std::vector<std::string_view>& addresses) {
  topology::Interface interface {
    .name = std::move(name), .addresses = {}
  };
  for (const auto address : addresses) interface.addresses.push_back(*Prefix::parse(address));
  return interface;
}

// alice - home - core - stun, and as many outside addresses as `pool` says.
inline topology::Topology behind(const topology::NatBehaviour& behaviour, unsigned pool = 1) {
  topology::Topology town;
  town.name = "town";
  town.hosts = {{.name = "alice", .interfaces = {an_interface("eth0", {"192.168.1.10/24"})}}};
  topology::Nat home{.name = "home",
                     .inside = an_interface("inside", {"192.168.1.1/24"}),
                     .outside = an_interface("outside", {"203.0.113.1/24"}),
                     .behaviour = behaviour};
  for (unsigned i = 1; i < pool; ++i) {
    home.outside.addresses.push_back(*Prefix::parse("203.0.113." + std::to_string(1 + i) + "/24"));
  }
  town.nats = {home};
  town.routers = {{.name = "core"}};
  town.stun_servers = {{.name = "stun", .interface = an_interface("eth0", {"192.0.2.10/24"})}};
  town.links = {{.a = {"alice", "eth0"}, .b = {"home", "inside"}},
                {.a = {"home", "outside"}, .b = {"core", ""}},
                {.a = {"stun", "eth0"}, .b = {"core", ""}}};
  return town;
}

}  // namespace rtclab::selfcheck
