// Puts a probe on each side of every NAT and firewall of a topology, and changes nothing else.
//
// A bench is two machines: one in the gate's inside net, one in its outside net, each with two
// addresses that nobody has there (RFC 5780 §2.1: a server needs two). Where a link joins the gate
// and its neighbour directly, a switch goes in between; the link keeps its quality on the
// neighbour's side, so that what is lost there disturbs no test.
#pragma once

#include "agents/base/address.h"
#include "topologies/topology.h"

#include <array>
#include <string>
#include <vector>

namespace rtclab::selfcheck {

struct Bench {
  std::string gate;  // the NAT or firewall
  topology::MachineKind kind = topology::MachineKind::Nat;
  // IPv4 through a NAT: both V4. A firewall, and a NAT that IPv6 passes, has one for each family.
  Family inside_family = Family::V4;
  Family outside_family = Family::V4;
  std::string probe;         // the machine inside
  std::string server;        // the machine outside
  std::array<Ip, 2> inside;  // the probe's addresses
  std::array<Ip, 2> outside;

  // "home-a", "home-a (IPv6)".
  [[nodiscard]] std::string name() const;
};

struct Laboratory {
  topology::Topology topology;
  std::vector<Bench> benches;  // in the order of the file
  // A sentence for each gate that is left out: "home-a: its outside net 203.0.113.10/31 has no …".
  std::vector<std::string> left_out;
};

[[nodiscard]] Laboratory equip(topology::Topology topology);

// `count` addresses of the net that are none of `taken`, or as many as there are.
[[nodiscard]] std::vector<Ip> free_addresses(const Prefix& net, const std::vector<Ip>& taken,
                                             std::size_t count);

}  // namespace rtclab::selfcheck
