#include "topologies/consistency.h"

#include "topologies/nets.h"

#include <algorithm>
#include <set>

namespace rtclab::topology {
namespace {

using AddressBook = std::map<Ip, std::string>;  // who has it

bool is_multicast(const Ip& ip) {
  return ip.v4_number() >> 28u == 0xe;
}

// The first and the last address of a net.
std::pair<Ip, Ip> range_of(const Prefix& net) {
  const auto host_bits = 32 - net.bits;
  const auto mask = host_bits == 32 ? 0xffffffffu : (1u << host_bits) - 1;
  const auto number = net.ip.v4_number();
  return {Ip::v4(number & ~mask), Ip::v4(number | mask)};
}

std::string net_text(const Prefix& address) {
  return Prefix{range_of(address).first, address.bits}.to_string();
}

class Check {
 public:
  Check(const Topology& topology, const Places& places)
      : topology_{topology}, places_{places}, nets_{topology} {}

  void run() {
    for (const auto& name : topology_.machine_names()) {
      const auto interfaces = topology_.interfaces_of(name);
      for (const auto& interface : interfaces) check_address(name, interface);
    }
    check_links();
    for (const auto& net : nets_.all()) check_net(net);
    check_addresses_are_unique();
    for (const auto& nat : topology_.nats) check_nat(nat);
    check_paths();
  }

 private:
  [[nodiscard]] const xml::Element& place_of(const LinkEnd& interface) const {
    return places_.interfaces.at(interface.to_string());
  }

  [[nodiscard]] Prefix address_of(const LinkEnd& end) const {
    return addresses_.at(end.to_string());
  }

  void check_address(const std::string& machine, const Interface& interface) {
    const LinkEnd end{machine, interface.name};
    const auto& place = place_of(end);
    const auto& ip = interface.address.ip;
    addresses_.emplace(end.to_string(), interface.address);
    if (!ip.is_v4()) {
      place.complain("address", "expected an IPv4 address, found " + ip.to_string() +
                                    " (topologies know IPv4 only so far)");
      addresses_.at(end.to_string()) = {Ip::v4(1), 32};
      return;
    }
    if (ip.is_unspecified() || ip.is_loopback() || is_multicast(ip) || ip == Ip::v4(0xffffffffu)) {
      place.complain("address", ip.to_string() + " is no address that an interface can have");
    }
    const auto [first, last] = range_of(interface.address);
    if (interface.address.bits < 8) {
      place.complain("address",
                     "expected a net of /8 to /32, found " + interface.address.to_string());
    } else if (interface.address.bits <= 30 && (ip == first || ip == last)) {
      place.complain("address", ip.to_string() +
                                    (ip == first ? " is the name" : " is the broadcast address") +
                                    " of the net " + net_text(interface.address) +
                                    ", expected an address in between");
    }
  }

  void check_links() {
    for (const auto index : nets_.loops()) {
      places_.links[index].complain(
          "this link closes a loop: " + topology_.links[index].a.to_string() + " and " +
          topology_.links[index].b.to_string() + " are joined already");
    }
    for (const auto& [name, place] : places_.interfaces) unlinked_.insert(name);
    for (const auto& net : nets_.all()) {
      for (const auto& interface : net.interfaces) unlinked_.erase(interface.to_string());
    }
    for (const auto& name : topology_.machine_names()) {
      for (const auto& interface : topology_.interfaces_of(name)) {
        const LinkEnd end{name, interface.name};
        if (!unlinked_.contains(end.to_string())) continue;
        place_of(end).complain(end.to_string() + " has no link, so that nothing reaches it");
      }
    }
  }

  void check_net(const Net& net) {
    if (net.interfaces.empty()) return;
    auto gateways = net.routers;
    gateways.insert(gateways.end(), net.nats.begin(), net.nats.end());
    if (gateways.size() > 1) {
      places_.machines.at(gateways[1])
          .complain("the net of " + net.interfaces.front().to_string() + " has two ways out, " +
                    gateways[0] + " and " + gateways[1] + ", expected one");
    }
    const auto& first = net.interfaces.front();
    const auto expected = address_of(first);
    for (const auto& interface : net.interfaces) {
      const auto address = address_of(interface);
      if (range_of(address) == range_of(expected)) continue;
      place_of(interface).complain("address", address.to_string() + " is not in the net " +
                                                  net_text(expected) + " of its neighbour " +
                                                  first.to_string());
    }
  }

  void check_addresses_are_unique() {
    for (const auto& net : nets_.all()) {
      for (const auto& interface : net.interfaces) {
        const auto ip = address_of(interface).ip;
        const auto [holder, is_new] = books_[net.realm].emplace(ip, interface.to_string());
        if (is_new) continue;
        place_of(interface).complain("address",
                                     ip.to_string() + " is the address of " + holder->second +
                                         " already, and both are reached from the same side");
      }
    }
  }

  // What the inside takes for a neighbour it does not send to the NAT.
  void check_nat(const Nat& nat) {
    const auto [first, last] = range_of(nat.inside.address);
    const LinkEnd inside{nat.name, "inside"};
    for (const auto realm : nets_.realms_outward({nat.name, "outside"})) {
      const auto& book = books_[realm];
      const auto clash = book.lower_bound(first);
      if (clash == book.end() || clash->first > last) continue;
      place_of(inside).complain("address", "the net " + net_text(nat.inside.address) +
                                               " inside holds " + clash->first.to_string() +
                                               " of " + clash->second +
                                               " outside, expected nets that do not overlap");
    }
  }

  // Every machine reaches the core (or, where there is none, what the first host reaches), and
  // every server is in the way of some host.
  void check_paths() {
    const auto realms_of = [&](const std::string& machine) {
      std::set<std::size_t> realms;
      for (const auto& interface : topology_.interfaces_of(machine)) {
        const auto outward = nets_.realms_outward({machine, interface.name});
        realms.insert(outward.begin(), outward.end());
      }
      return realms;
    };
    if (topology_.hosts.empty()) return;

    const auto& first = topology_.hosts.front().name;
    const auto core = core_realm();
    const auto goal = core ? core : outermost_realm(first);
    const auto goal_name =
        core ? topology_.routers.front().name : "the net that " + first + " reaches";
    std::set<std::size_t> reached_by_hosts;
    for (const auto& name : topology_.machine_names()) {
      const auto& place = places_.machines.at(name);
      const auto kind = *topology_.kind_of(name);
      if (kind == MachineKind::Router || kind == MachineKind::Lan) {
        if (!is_linked(name)) place.complain(name + " has no link, so that nothing reaches it");
        continue;
      }
      const auto realms = realms_of(name);
      if (kind == MachineKind::Host) reached_by_hosts.insert(realms.begin(), realms.end());
      if (!goal || realms.contains(*goal)) continue;
      place.complain(name + " has no path to " + goal_name);
    }
    for (const auto& interface : server_interfaces()) {
      const auto* net = nets_.net_of(interface);
      if (net == nullptr || reached_by_hosts.contains(net->realm)) continue;
      places_.machines.at(interface.machine)
          .complain("no host reaches " + interface.machine + ", which stands behind a NAT");
    }
  }

  [[nodiscard]] bool is_linked(const std::string& machine) const {
    return std::ranges::any_of(topology_.links, [&](const Link& link) {
      return link.a.machine == machine || link.b.machine == machine;
    });
  }

  [[nodiscard]] std::optional<std::size_t> core_realm() const {
    if (topology_.routers.empty()) return std::nullopt;
    const auto& core = topology_.routers.front().name;
    for (const auto& net : nets_.all()) {
      if (std::ranges::find(net.routers, core) != net.routers.end()) return net.realm;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<std::size_t> outermost_realm(const std::string& host) const {
    const LinkEnd end{host, topology_.find_host(host)->interfaces.front().name};
    const auto outward = nets_.realms_outward(end);
    if (outward.empty()) return std::nullopt;
    return outward.back();
  }

  [[nodiscard]] std::vector<LinkEnd> server_interfaces() const {
    std::vector<LinkEnd> ends;
    const auto add = [&](const auto& servers) {
      for (const auto& server : servers) ends.push_back({server.name, server.interface.name});
    };
    add(topology_.stun_servers);
    add(topology_.turn_servers);
    add(topology_.signalling_servers);
    return ends;
  }

  const Topology& topology_;
  const Places& places_;
  Nets nets_;
  std::map<std::string, Prefix> addresses_;   // by LinkEnd::to_string()
  std::set<std::string> unlinked_;            // the same
  std::map<std::size_t, AddressBook> books_;  // by realm
};

}  // namespace

void check_consistency(const Topology& topology, const Places& places) {
  Check{topology, places}.run();
}

}  // namespace rtclab::topology
