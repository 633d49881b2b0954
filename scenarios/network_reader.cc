#include "scenarios/network_reader.h"

#include "topologies/consistency.h"
#include "topologies/link_reader.h"
#include "topologies/nat_presets.h"
#include "topologies/nat_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace rtclab::scenario::reading {
namespace {

using topology::LinkQuality;
using topology::MachineKind;
using xml::Choice;
using xml::Element;

enum class Ways { Both, AToB, BToA };
constexpr std::array kWays{Choice<Ways>{"both", Ways::Both}, Choice<Ways>{"aToB", Ways::AToB},
                           Choice<Ways>{"bToA", Ways::BToA}};

// What the element says of these attributes, as it says it.
std::string said(const Element& element, const std::vector<std::string_view>& attributes) {
  std::string text;
  for (const auto attribute : attributes) {
    if (!element.has(attribute)) continue;
    text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : " ", attribute, element.text(attribute));
  }
  return text;
}

// Nothing gets through until another quality is set.
LinkQuality down(LinkQuality quality) {
  quality.outages = {{Duration{0}, Duration::max()}};
  return quality;
}

}  // namespace

NetworkReader::NetworkReader(const topology::Topology& topology, std::filesystem::path file)
    : topology_{topology}, file_{std::move(file)}, links_{topology.links}, nets_{topology} {
  for (const auto& nat : topology.nats) nats_.emplace(nat.name, nat.behaviour);
  for (const auto& nat : topology.nat64s) nats_.emplace(nat.name, nat.behaviour);
  for (const auto& machine : topology.machine_names()) {
    for (const auto& interface : topology.interfaces_of(machine)) {
      addresses_.emplace(topology::LinkEnd{machine, interface.name}.to_string(),
                         interface.addresses);
    }
  }
}

Action NetworkReader::set_interface(const Element& element) const {
  SetInterface action{element.text("machine"), element.text("interface"),
                      element.name() == "interfaceUp"};
  const auto hosts = names_of(topology_.hosts);
  const auto* const host = topology_.find_host(action.machine);
  if (host == nullptr) {
    element.complain_unknown("machine", "host", hosts);
    return action;
  }
  const auto interfaces = names_of(host->interfaces);
  if (!is_one_of(action.interface, interfaces))
    element.complain_unknown("interface", "interface", interfaces);
  return action;
}

topology::Link* NetworkReader::find_link(const Element& element, SetLink& action) {
  action.a = element.text("a");
  action.b = element.text("b");
  const auto is_end = [](const topology::LinkEnd& end, const std::string& text) {
    return end.to_string() == text || end.machine == text;
  };
  for (auto& link : links_) {
    const bool is_it = (is_end(link.a, action.a) && is_end(link.b, action.b)) ||
                       (is_end(link.a, action.b) && is_end(link.b, action.a));
    if (is_it && link.distance) {
      element.complain(
          fmt::format("the link between {} and {} goes over the air: what it does "
                      "follows from its distance",
                      action.a, action.b));
      return nullptr;
    }
    if (is_end(link.a, action.a) && is_end(link.b, action.b)) return &link;
    if (!is_end(link.a, action.b) || !is_end(link.b, action.a)) continue;
    // Named from the other side: turned around, it is the same link.
    std::swap(link.a, link.b);
    std::swap(link.a_to_b, link.b_to_a);
    return &link;
  }
  element.complain(
      fmt::format("there is no link between {} and {} in {}", action.a, action.b, topology_.name));
  return nullptr;
}

Action NetworkReader::set_link(const Element& element) {
  SetLink action;
  const auto what = said(element, topology::link_attributes());
  action.what = "has " + what;
  const auto ways = element.choice<Ways>("direction", kWays, Ways::Both);
  auto* const link = find_link(element, action);
  if (link == nullptr) return action;
  if (what.empty() && element.children().empty())
    element.complain("expected what changes: loss=\"…\", delay=\"…\", rate=\"…\" …");
  if (what.empty()) action.what = "changes";
  if (ways != Ways::BToA)
    action.a_to_b = link->a_to_b = read_link_quality(element, link->a_to_b, file_);
  if (ways != Ways::AToB)
    action.b_to_a = link->b_to_a = read_link_quality(element, link->b_to_a, file_);
  return action;
}

Action NetworkReader::link_up_or_down(const Element& element) {
  SetLink action;
  auto* const link = find_link(element, action);
  if (link == nullptr) return action;
  const bool is_up = element.name() == "linkUp";
  action.what = is_up ? "is up again" : "is down";
  action.a_to_b = is_up ? link->a_to_b : down(link->a_to_b);
  action.b_to_a = is_up ? link->b_to_a : down(link->b_to_a);
  return action;
}

std::string NetworkReader::read_nat(const Element& element) const {
  auto name = element.text("nat");
  if (nats_.contains(name)) return name;
  auto known = names_of(topology_.nats);
  for (auto& nat64 : names_of(topology_.nat64s)) known.push_back(std::move(nat64));
  element.complain_unknown("nat", "NAT", known);
  return name;
}

Action NetworkReader::restart_nat(const Element& element) const {
  return RestartNat{read_nat(element)};
}

Action NetworkReader::set_nat(const Element& element) {
  SetNat action{read_nat(element), {}, said(element, topology::nat_attributes())};
  if (action.what.empty())
    element.complain("expected what changes: preset=\"…\", mapping=\"…\", filtering=\"…\" …");
  auto& behaviour = nats_[action.nat];
  if (element.has("preset")) {
    const auto* const preset = topology::find_nat_preset(element.text("preset"));
    if (preset == nullptr) {
      std::vector<std::string> names;
      for (const auto& each : topology::nat_presets()) names.emplace_back(each.name);
      element.complain_unknown("preset", "kind of NAT", names);
    } else {
      behaviour = preset->behaviour;
    }
  }
  action.behaviour = behaviour = read_nat_behaviour(element, behaviour);
  return action;
}

Action NetworkReader::set_address(const Element& element) {
  SetAddress action{element.text("machine"), element.text("interface"),
                    element.interface_addresses("address")};
  auto known = names_of(topology_.hosts);
  for (const auto& names : {names_of(topology_.nats), names_of(topology_.nat64s),
                            names_of(topology_.clats), names_of(topology_.npts)})
    known.insert(known.end(), names.begin(), names.end());
  if (!is_one_of(action.machine, known)) {
    element.complain_unknown("machine", "host or NAT", known);
    return action;
  }
  const auto interfaces = names_of(topology_.interfaces_of(action.machine));
  if (!is_one_of(action.interface, interfaces)) {
    element.complain_unknown("interface", "interface", interfaces);
    return action;
  }
  check_address(element, action);
  addresses_[topology::LinkEnd{action.machine, action.interface}.to_string()] = action.addresses;
  return action;
}

const std::vector<Prefix>& NetworkReader::addresses_of(const topology::LinkEnd& interface) const {
  return addresses_.at(interface.to_string());
}

void NetworkReader::check_address(const Element& element, const SetAddress& action) const {
  // A family that is gone would leave routes to nowhere.
  for (const auto& before : addresses_of({action.machine, action.interface})) {
    const auto is_of_it = [&](const Prefix& address) {
      return address.ip.family() == before.ip.family();
    };
    if (std::ranges::any_of(action.addresses, is_of_it)) continue;
    return element.complain(
        "address", fmt::format("{}.{} has {} too, and needs an address of it", action.machine,
                               action.interface, to_string(before.ip.family())));
  }
  for (const auto& address : action.addresses) {
    if (auto flaw = topology::address_flaw(address))
      return element.complain("address", *std::move(flaw));
  }
  check_is_free(element, action);
  check_gateway(element, action);
  if (std::ranges::find(topology_.npts, action.machine, &topology::Npt::name) !=
      topology_.npts.end())
    check_prefixes(element, action);
}

// Others that are reached from the same side would answer in its place.
void NetworkReader::check_is_free(const Element& element, const SetAddress& action) const {
  const topology::LinkEnd self{action.machine, action.interface};
  const auto* const own = nets_.net_of(self);
  for (const auto& net : nets_.all()) {
    for (const auto& other : net.interfaces) {
      if (other == self) continue;
      for (const auto& address : action.addresses) {
        const auto family = address.ip.family();
        const auto& taken = addresses_of(other);
        if (own == nullptr || net.realm_of(family) != own->realm_of(family) ||
            std::ranges::find(taken, address.ip, &Prefix::ip) == taken.end())
          continue;
        return element.complain("address", fmt::format("{} is the address of {}",
                                                       address.ip.to_string(), other.to_string()));
      }
    }
  }
}

// Who is behind a NAT or firewall has an address of its net: it would be reached by no other. The
// gateway itself may go to another net, where the machines can follow; a router, which has no
// addresses, reaches all.
void NetworkReader::check_gateway(const Element& element, const SetAddress& action) const {
  const auto* const net = nets_.net_of({action.machine, action.interface});
  if (net == nullptr || net->gates.empty() || net->gates.front() == action.machine) return;
  const topology::LinkEnd gateway{net->gates.front(), "inside"};
  for (const auto& address : action.addresses) {
    for (const auto& own : addresses_of(gateway)) {
      if (own.ip.family() != address.ip.family()) continue;
      if (own.bits == address.bits && own.contains(address.ip)) continue;
      return element.complain(
          "address", fmt::format("{} is not in the net of {}, its gateway: expected an address of "
                                 "the net of {}",
                                 address.to_string(), gateway.to_string(), own.to_string()));
    }
  }
}

// RFC 6296: from one prefix to another of its length.
void NetworkReader::check_prefixes(const Element& element, const SetAddress& action) const {
  const auto is_v6 = [](const Prefix& address) { return !address.ip.is_v4(); };
  const std::string other_side = action.interface == "inside" ? "outside" : "inside";
  const auto here = *std::ranges::find_if(action.addresses, is_v6);
  const auto there = *std::ranges::find_if(addresses_of({action.machine, other_side}), is_v6);
  if (here.bits == there.bits && !here.contains(there.ip)) return;
  element.complain("address", fmt::format("{} has {} {}, expected another prefix of that length",
                                          action.machine, there.to_string(), other_side));
}

Action NetworkReader::set_server(const Element& element) const {
  SetServer action{element.text("machine"), element.name() == "startServer"};
  auto known = names_of(topology_.stun_servers);
  for (const auto& name : names_of(topology_.turn_servers)) known.push_back(name);
  for (const auto& name : names_of(topology_.signalling_servers)) known.push_back(name);
  if (!is_one_of(action.machine, known)) element.complain_unknown("machine", "server", known);
  return action;
}

}  // namespace rtclab::scenario::reading
