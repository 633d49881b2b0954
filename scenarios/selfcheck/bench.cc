#include "scenarios/selfcheck/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace rtclab::selfcheck {
namespace {

using topology::LinkEnd;
using topology::MachineKind;
using topology::Topology;

// What a bench is put at.
struct Gate {
  std::string name;
  MachineKind kind;
  topology::Interface inside;
  topology::Interface outside;
};

std::vector<Gate> gates_of(const Topology& topology) {
  std::vector<Gate> gates;
  for (const auto& nat : topology.nats)
    gates.push_back({nat.name, MachineKind::Nat, nat.inside, nat.outside});
  for (const auto& nat : topology.nat64s)
    gates.push_back({nat.name, MachineKind::Nat64, nat.inside, nat.outside});
  for (const auto& firewall : topology.firewalls)
    gates.push_back({firewall.name, MachineKind::Firewall, firewall.inside, firewall.outside});
  return gates;
}

class Builder {
 public:
  explicit Builder(Topology topology) : laboratory_{std::move(topology), {}, {}} {
    for (const auto& machine : plan().machine_names()) {
      for (const auto& interface : plan().interfaces_of(machine)) {
        for (const auto& address : interface.addresses) taken_.push_back(address.ip);
      }
    }
  }

  Laboratory build() {
    for (const auto& gate : gates_of(plan())) add(gate);
    return std::move(laboratory_);
  }

 private:
  [[nodiscard]] Topology& plan() { return laboratory_.topology; }

  // The two families that the gate joins: IPv6 and IPv4 with a NAT64, else one family twice.
  static std::vector<std::pair<Family, Family>> families_of(const Gate& gate) {
    if (gate.kind == MachineKind::Nat64) return {{Family::V6, Family::V4}};
    std::vector<std::pair<Family, Family>> families;
    for (const auto family : {Family::V4, Family::V6}) {
      if (gate.inside.address(family) && gate.outside.address(family))
        families.emplace_back(family, family);
    }
    return families;
  }

  void add(const Gate& gate) {
    topology::Host probe{.name = unused("probe-" + gate.name), .interfaces = {{.name = "eth0"}}};
    topology::Host server{.name = unused("server-" + gate.name), .interfaces = {{.name = "eth0"}}};
    std::vector<Bench> benches;
    for (const auto& [inside, outside] : families_of(gate)) {
      const auto near = two_in(gate, gate.inside, inside, probe);
      const auto far = two_in(gate, gate.outside, outside, server);
      if (!near || !far) continue;
      benches.push_back({.gate = gate.name,
                         .kind = gate.kind,
                         .inside_family = inside,
                         .outside_family = outside,
                         .probe = probe.name,
                         .server = server.name,
                         .inside = *near,
                         .outside = *far});
    }
    if (benches.empty()) return;
    connect(probe, {gate.name, gate.inside.name});
    connect(server, {gate.name, gate.outside.name});
    plan().hosts.push_back(std::move(probe));
    plan().hosts.push_back(std::move(server));
    laboratory_.benches.insert(laboratory_.benches.end(), benches.begin(), benches.end());
  }

  std::optional<std::array<Ip, 2>> two_in(const Gate& gate, const topology::Interface& side,
                                          Family family, topology::Host& machine) {
    const auto net = *side.address(family);
    const auto found = free_addresses(net, taken_, 2);
    if (found.size() < 2) {
      laboratory_.left_out.push_back(
          fmt::format("{}: the net of its {}, {}, has no two addresses left for a probe", gate.name,
                      side.name, net.to_string()));
      return std::nullopt;
    }
    for (const auto& ip : found) {
      taken_.push_back(ip);
      machine.interfaces.front().addresses.push_back({ip, net.bits});
    }
    return std::array{found[0], found[1]};
  }

  void connect(const topology::Host& machine, const LinkEnd& side) {
    plan().links.push_back({.a = {machine.name, "eth0"}, .b = {switch_at(side), ""}});
  }

  // The switch that the interface hangs on, new where there was none.
  std::string switch_at(const LinkEnd& side) {
    for (auto& link : plan().links) {
      if (link.a != side && link.b != side) continue;
      const auto& other = link.a == side ? link.b : link.a;
      if (plan().kind_of(other.machine) == MachineKind::Lan) return other.machine;
      const auto name = unused("probe-lan-" + side.machine + "-" + side.interface);
      (link.a == side ? link.a : link.b) = {name, ""};
      plan().lans.push_back({.name = name});
      plan().links.push_back({.a = {name, ""}, .b = side});
      return name;
    }
    // Nobody else is there.
    const auto name = unused("probe-lan-" + side.machine + "-" + side.interface);
    plan().lans.push_back({.name = name});
    plan().links.push_back({.a = {name, ""}, .b = side});
    return name;
  }

  std::string unused(std::string name) {
    while (plan().kind_of(name)) name += "-";
    return name;
  }

  Laboratory laboratory_;
  std::vector<Ip> taken_;
};

}  // namespace

std::string Bench::name() const {
  return inside_family == Family::V6 && outside_family == Family::V6 ? gate + " (IPv6)" : gate;
}

Laboratory equip(Topology topology) {
  return Builder{std::move(topology)}.build();
}

// From the net's end, where people put nobody; the last 16 bits are enough to look at.
std::vector<Ip> free_addresses(const Prefix& net, const std::vector<Ip>& taken, std::size_t count) {
  const unsigned host_bits = (net.ip.is_v4() ? 32 : 128) - net.bits;
  const std::uint32_t last = host_bits >= 16 ? 0xffffu : (1u << host_bits) - 1;
  std::vector<Ip> found;
  // Neither the net itself nor its last address, which is for all (RFC 1122 §3.2.1.3).
  for (std::uint32_t host = last; host-- > 1 && found.size() < count;) {
    auto ip = net.ip;
    for (unsigned bit = 0; bit < host_bits; ++bit) {
      auto& octet = ip.octets[15 - bit / 8];
      const auto mask = static_cast<std::uint8_t>(1u << (bit % 8));
      const bool set = bit < 16 && ((host >> bit) & 1u) != 0;
      octet = static_cast<std::uint8_t>(set ? octet | mask : octet & ~mask);
    }
    if (std::ranges::find(taken, ip) == taken.end()) found.push_back(ip);
  }
  return found;
}

}  // namespace rtclab::selfcheck
