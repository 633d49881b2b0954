#include "topologies/consistency.h"

#include "topologies/directory.h"
#include "topologies/nets.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <utility>

namespace rtclab::topology {
namespace {

using AddressBook = std::map<Ip, std::string>;  // who has it

constexpr std::array kFamilies{Family::V4, Family::V6};

// Where an address's own bits begin among the 128 that Ip holds.
unsigned significant_bits(const Prefix& net) {
  return net.bits + (net.ip.is_v4() ? 96 : 0);
}

// The first and the last address of a net.
std::pair<Ip, Ip> range_of(const Prefix& net) {
  auto first = net.ip;
  auto last = net.ip;
  for (unsigned bit = significant_bits(net); bit < 128; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80u >> (bit % 8));
    first.octets[bit / 8] &= static_cast<std::uint8_t>(~mask);
    last.octets[bit / 8] |= mask;
  }
  return {first, last};
}

std::string net_text(const Prefix& address) {
  return Prefix{range_of(address).first, address.bits}.to_string();
}

}  // namespace

std::optional<std::string> address_flaw(const Prefix& address) {
  const auto& ip = address.ip;
  if (ip.is_unspecified() || ip.is_loopback() || ip.is_multicast() || ip == Ip::v4(0xffffffffu)) {
    return ip.to_string() + " is no address that an interface can have";
  }
  if (!ip.is_v4()) {
    if (ip.is_link_local()) {
      return ip.to_string() + " is link-local, expected an address that routers forward";
    }
    if (address.bits >= 16) return std::nullopt;
    return "expected a net of /16 to /128, found " + address.to_string();
  }
  if (address.bits < 8) return "expected a net of /8 to /32, found " + address.to_string();
  const auto [first, last] = range_of(address);
  if (address.bits > 30 || (ip != first && ip != last)) return std::nullopt;
  return ip.to_string() + (ip == first ? " is the name" : " is the broadcast address") +
         " of the net " + net_text(address) + ", expected an address in between";
}

namespace {

class Check {
 public:
  Check(const Topology& topology, const Places& places)
      : topology_{topology}, directory_{topology}, places_{places}, nets_{topology} {}

  void run() {
    for (const auto& name : topology_.machine_names()) {
      for (const auto* const interface : directory_.interfaces_of(name)) {
        check_address(name, *interface);
      }
    }
    check_links();
    for (const auto& net : nets_.all()) check_net(net);
    for (const auto family : kFamilies) check_addresses_are_unique(family);
    for (const auto& nat : topology_.nats) check_nat(nat);
    for (const auto& nat : topology_.nat64s) check_nat64(nat);
    for (const auto& clat : topology_.clats) check_clat(clat);
    for (const auto& npt : topology_.npts) check_npt(npt);
    check_paths();
  }

 private:
  [[nodiscard]] const xml::Element& place_of(const LinkEnd& interface) const {
    return places_.interfaces.at(interface.to_string());
  }

  [[nodiscard]] const Interface& interface_at(const LinkEnd& end) const {
    return interfaces_.at(end.to_string());
  }

  void check_address(const std::string& machine, const Interface& interface) {
    const LinkEnd end{machine, interface.name};
    const auto& place = place_of(end);
    interfaces_.emplace(end.to_string(), interface);
    for (const auto& address : interface.addresses) {
      if (auto flaw = address_flaw(address)) place.complain("address", *std::move(flaw));
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
      for (const auto* const interface : directory_.interfaces_of(name)) {
        const LinkEnd end{name, interface->name};
        if (!unlinked_.contains(end.to_string())) continue;
        place_of(end).complain(end.to_string() + " has no link, so that nothing reaches it");
      }
    }
  }

  void check_net(const Net& net) {
    if (net.interfaces.empty()) return;
    auto gateways = net.routers;
    gateways.insert(gateways.end(), net.gates.begin(), net.gates.end());
    if (gateways.size() > 1) {
      places_.machines.at(gateways[1])
          .complain("the net of " + net.interfaces.front().to_string() + " has two ways out, " +
                    gateways[0] + " and " + gateways[1] + ", expected one");
    }
    for (const auto family : kFamilies) check_prefix(net, family);
  }

  // All addresses of one family in a net have one prefix.
  void check_prefix(const Net& net, Family family) {
    const LinkEnd* first = nullptr;
    Prefix expected;
    for (const auto& end : net.interfaces) {
      for (const auto& address : interface_at(end).addresses) {
        if (address.ip.family() != family) continue;
        if (first == nullptr) {
          first = &end;
          expected = address;
        }
        if (range_of(address) == range_of(expected)) continue;
        place_of(end).complain(
            "address",
            address.to_string() + " is not in the net " + net_text(expected) + " of " +
                (first == &end ? "the address before it" : "its neighbour " + first->to_string()));
      }
    }
  }

  void check_addresses_are_unique(Family family) {
    for (const auto& net : nets_.all()) {
      auto& book = books_[{family, net.realm_of(family)}];
      for (const auto& end : net.interfaces) {
        for (const auto& address : interface_at(end).addresses) {
          if (address.ip.family() != family) continue;
          const auto [holder, is_new] = book.emplace(address.ip, end.to_string());
          if (is_new) continue;
          place_of(end).complain("address",
                                 address.ip.to_string() + " is the address of " + holder->second +
                                     " already, and both are reached from the same side");
        }
      }
    }
  }

  // False when a side has no address of the family that it needs.
  template <class Machine>
  [[nodiscard]] bool has_sides(const Machine& machine, Family inside, Family outside,
                               const std::string& what) const {
    for (const auto& [side, family] :
         {std::pair{&machine.inside, inside}, std::pair{&machine.outside, outside}}) {
      if (side->address(family)) continue;
      place_of({machine.name, side->name})
          .complain("address", what + " and needs an " + (family == Family::V4 ? "IPv4" : "IPv6") +
                                   " address " + side->name + ", expected one");
      return false;
    }
    return true;
  }

  // What the inside takes for a neighbour it does not send to the NAT64.
  void check_nat64(const Nat64& nat) {
    if (!has_sides(nat, Family::V6, Family::V4, "a <nat64> translates IPv6 to IPv4")) return;
    for (const auto* const side : {&nat.inside, &nat.outside}) {
      const auto net = side->address(Family::V6);
      if (!net || !(net->contains(nat.prefix.ip) || nat.prefix.contains(net->ip))) continue;
      places_.machines.at(nat.name).complain(
          "prefix", "the prefix " + net_text(nat.prefix) + " of " + nat.name +
                        ", which stands for IPv4, overlaps its net " + net_text(*net) + " " +
                        side->name + ", expected a prefix that no machine has an address of");
    }
  }

  // The nearest on the way out of this interface.
  [[nodiscard]] const Nat64* nat64_outward(const LinkEnd& interface) const {
    for (const auto realm : nets_.realms_outward(interface)) {
      for (const auto& nat : topology_.nat64s) {
        const auto* const net = nets_.net_of({nat.name, nat.inside.name});
        if (net != nullptr && net->realm == realm) return &nat;
      }
    }
    return nullptr;
  }

  // RFC 6877 §6.3: one address outside stands for the host inside, so there is one.
  void check_clat(const Clat& clat) {
    if (!has_sides(clat, Family::V4, Family::V6, "a <clat> translates IPv4 to IPv6")) return;
    const auto* const nat64 = nat64_outward({clat.name, "outside"});
    if (nat64 != nullptr && range_of(nat64->prefix) != range_of(clat.prefix)) {
      places_.machines.at(clat.name).complain(
          "prefix", "the prefix " + net_text(clat.prefix) + " of " + clat.name +
                        " is not that of " + nat64->name + " behind which it stands, expected " +
                        net_text(nat64->prefix));
    }
    const auto* const net = nets_.net_of({clat.name, "inside"});
    if (net == nullptr || net->interfaces.size() == 2) return;
    place_of({clat.name, "inside"})
        .complain("a <clat> serves one host, and the net of " + clat.name + ".inside has " +
                  std::to_string(net->interfaces.size() - 1));
  }

  void check_npt(const Npt& npt) {
    if (!has_sides(npt, Family::V6, Family::V6, "an <npt> translates IPv6")) return;
    const auto inside = *npt.inside.address(Family::V6);
    const auto outside = *npt.outside.address(Family::V6);
    // The machines of a LAN find a station by its address, and those behind the translator have
    // none there.
    const auto* const net = nets_.net_of({npt.name, "outside"});
    if (net != nullptr && !net->lans.empty()) {
      place_of({npt.name, "outside"})
          .complain(npt.name + ".outside is in the LAN " + net->lans.front() +
                    ", expected a link to a router");
    }
    if (range_of(inside) == range_of(outside)) {
      place_of({npt.name, "outside"})
          .complain("address", "an <npt> translates one prefix to another, and " +
                                   net_text(inside) + " is on both sides, expected two");
    }
    if (inside.bits == outside.bits && inside.bits <= 64) return;
    place_of({npt.name, "outside"})
        .complain("address", "an <npt> translates " + net_text(inside) + " to " +
                                 net_text(outside) +
                                 ", expected prefixes of one length of at most 64 bits");
  }

  // A NAT translates between two IPv4 nets. What the inside takes for a neighbour it does not send
  // to the NAT.
  void check_nat(const Nat& nat) {
    if (!has_sides(nat, Family::V4, Family::V4, "a <nat> translates IPv4")) return;
    const auto net = *nat.inside.address(Family::V4);
    const auto [first, last] = range_of(net);
    for (const auto realm : nets_.realms_outward({nat.name, "outside"})) {
      const auto& book = books_[{Family::V4, realm}];
      const auto clash = book.lower_bound(first);
      if (clash == book.end() || clash->first > last) continue;
      place_of({nat.name, "inside"})
          .complain("address", "the net " + net_text(net) + " inside holds " +
                                   clash->first.to_string() + " of " + clash->second +
                                   " outside, expected nets that do not overlap");
    }
  }

  // Every machine reaches the core (or, where there is none, what the first host reaches), and
  // every server is in the way of some host.
  void check_paths() {
    const auto realms_of = [&](const std::string& machine) {
      std::set<std::size_t> realms;
      for (const auto* const interface : directory_.interfaces_of(machine)) {
        const auto outward = nets_.realms_outward({machine, interface->name});
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
      const auto kind = *directory_.kind_of(name);
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
  Directory directory_;
  const Places& places_;
  Nets nets_;
  std::map<std::string, Interface> interfaces_;                  // by LinkEnd::to_string()
  std::set<std::string> unlinked_;                               // the same
  std::map<std::pair<Family, std::size_t>, AddressBook> books_;  // by realm
};

}  // namespace

void check_consistency(const Topology& topology, const Places& places) {
  Check{topology, places}.run();
}

}  // namespace rtclab::topology
