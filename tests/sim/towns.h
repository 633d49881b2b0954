// A small network that has one of everything: a home behind a NAT, an office LAN behind another, a
// core, a server.
#pragma once

#include "topologies/topology.h"

#include <string>

namespace rtclab {

// alice (192.168.1.10) - home - core - office - lan - bob (10.0.0.20), carol (10.0.0.30); stun
// (192.0.2.10) at the core. Delays: 1 ms to a NAT or LAN, 10 ms from a NAT to the core, 5 ms to the
// server.
inline topology::Topology a_home_and_an_office() {
  using namespace std::chrono_literals;
  const auto interface = [](std::string name, std::string_view address) {
    return topology::Interface{std::move(name), {*Prefix::parse(address)}};
  };
  topology::Topology towns;
  towns.name = "a home and an office";
  towns.hosts = {{"alice", {interface("eth0", "192.168.1.10/24")}},
                 {"bob", {interface("eth0", "10.0.0.20/24")}},
                 {"carol", {interface("eth0", "10.0.0.30/24")}}};
  topology::Nat home;
  home.name = "home";
  home.inside = interface("inside", "192.168.1.1/24");
  home.outside = interface("outside", "203.0.113.1/24");
  topology::Nat office = home;
  office.name = "office";
  office.inside = interface("inside", "10.0.0.1/24");
  office.outside = interface("outside", "198.51.100.1/24");
  towns.nats = {home, office};
  towns.lans = {{"lan"}};
  towns.routers = {{"core"}};
  towns.stun_servers = {{"stun", interface("eth0", "192.0.2.10/24")}};
  const auto link = [&](topology::LinkEnd a, topology::LinkEnd b, Duration delay) {
    topology::Link made{std::move(a), std::move(b)};
    made.a_to_b.delay = made.b_to_a.delay = delay;
    towns.links.push_back(made);
  };
  link({"alice", "eth0"}, {"home", "inside"}, 1ms);
  link({"home", "outside"}, {"core", ""}, 10ms);
  link({"bob", "eth0"}, {"lan", ""}, 1ms);
  link({"carol", "eth0"}, {"lan", ""}, 1ms);
  link({"lan", ""}, {"office", "inside"}, 1ms);
  link({"office", "outside"}, {"core", ""}, 10ms);
  link({"stun", "eth0"}, {"core", ""}, 5ms);
  return towns;
}

}  // namespace rtclab
