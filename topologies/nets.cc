#include "topologies/nets.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <utility>

namespace rtclab::topology {
namespace {

// Sets that only ever grow together (union-find).
class DisjointSets {
 public:
  std::size_t add() {
    parents_.push_back(parents_.size());
    return parents_.size() - 1;
  }
  std::size_t find(std::size_t member) {
    while (parents_[member] != member) {
      parents_[member] = parents_[parents_[member]];
      member = parents_[member];
    }
    return member;
  }
  // False when both were in one set already.
  bool join(std::size_t a, std::size_t b) {
    const auto root_a = find(a);
    const auto root_b = find(b);
    parents_[std::max(root_a, root_b)] = std::min(root_a, root_b);
    return root_a != root_b;
  }

 private:
  std::vector<std::size_t> parents_;
};

// Each distinct name gets the next number.
class Numbers {
 public:
  std::size_t of(const std::string& name, DisjointSets& sets) {
    const auto known = numbers_.find(name);
    if (known != numbers_.end()) return known->second;
    return numbers_.emplace(name, sets.add()).first->second;
  }

 private:
  std::map<std::string, std::size_t> numbers_;
};

template <class Machine>
std::vector<std::string> sorted_names(const std::vector<Machine>& machines) {
  std::vector<std::string> names;
  for (const auto& machine : machines) names.push_back(machine.name);
  std::ranges::sort(names);
  return names;
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

}  // namespace

std::optional<std::string> Net::gateway() const {
  if (!routers.empty()) return routers.front();
  if (!gates.empty()) return gates.front();
  return std::nullopt;
}

Nets::Nets(const Topology& topology) {
  const auto routers = sorted_names(topology.routers);
  const auto lans = sorted_names(topology.lans);
  auto gates = sorted_names(topology.nats);
  const auto add_gates = [&](const std::vector<std::string>& names) {
    std::ranges::copy(names, std::back_inserter(gates));
  };
  add_gates(sorted_names(topology.nat64s));
  add_gates(sorted_names(topology.clats));
  add_gates(sorted_names(topology.npts));
  add_gates(sorted_names(topology.firewalls));
  std::ranges::sort(gates);
  const auto is = [](const std::vector<std::string>& names, const LinkEnd& end) {
    return std::ranges::binary_search(names, end.machine);
  };

  // Nets join over everything but routers, realms over these too.
  DisjointSets nets;
  DisjointSets realms;
  DisjointSets realms_v6;
  Numbers net_numbers;
  Numbers realm_numbers;
  Numbers realm_numbers_v6;
  const auto join_sides = [](const auto& gate, Numbers& numbers, DisjointSets& sets) {
    sets.join(numbers.of(gate.name + ".inside", sets), numbers.of(gate.name + ".outside", sets));
  };
  for (const auto& firewall : topology.firewalls) {
    join_sides(firewall, realm_numbers, realms);
    join_sides(firewall, realm_numbers_v6, realms_v6);
  }
  for (const auto& nat : topology.nats) join_sides(nat, realm_numbers_v6, realms_v6);
  for (const auto& nat : topology.nat64s) join_sides(nat, realm_numbers_v6, realms_v6);
  for (std::size_t i = 0; i < topology.links.size(); ++i) {
    const auto& link = topology.links[i];
    const auto a = link.a.to_string();
    const auto b = link.b.to_string();
    if (!realms.join(realm_numbers.of(a, realms), realm_numbers.of(b, realms))) loops_.push_back(i);
    realms_v6.join(realm_numbers_v6.of(a, realms_v6), realm_numbers_v6.of(b, realms_v6));
    if (!is(routers, link.a) && !is(routers, link.b)) {
      nets.join(net_numbers.of(a, nets), net_numbers.of(b, nets));
    }
  }

  std::map<std::size_t, std::size_t> index_of_root;
  const auto net_at = [&](const LinkEnd& end) -> Net& {
    const auto root = nets.find(net_numbers.of(end.to_string(), nets));
    const auto [place, is_new] = index_of_root.emplace(root, nets_.size());
    if (is_new) {
      nets_.emplace_back();
      nets_.back().realm = realms.find(realm_numbers.of(end.to_string(), realms));
      nets_.back().realm_v6 = realms_v6.find(realm_numbers_v6.of(end.to_string(), realms_v6));
    }
    return nets_[place->second];
  };
  for (const auto& link : topology.links) {
    for (const auto& [end, other] : {std::pair{&link.a, &link.b}, std::pair{&link.b, &link.a}}) {
      if (is(routers, *end)) continue;
      auto& net = net_at(*end);
      if (is(routers, *other)) add_once(net.routers, other->machine);
      if (is(lans, *end)) {
        add_once(net.lans, end->machine);
        continue;
      }
      net.interfaces.push_back(*end);
      net_of_.emplace_back(end->to_string(), static_cast<std::size_t>(&net - nets_.data()));
      if (is(gates, *end) && end->interface == "inside") add_once(net.gates, end->machine);
    }
  }
  std::ranges::sort(net_of_);
}

const Net* Nets::net_of(const LinkEnd& interface) const {
  const auto name = interface.to_string();
  const auto found =
      std::ranges::lower_bound(net_of_, name, {}, &std::pair<std::string, std::size_t>::first);
  return found == net_of_.end() || found->first != name ? nullptr : &nets_[found->second];
}

std::vector<std::size_t> Nets::realms_outward(const LinkEnd& interface) const {
  std::vector<std::size_t> realms;
  std::vector<const Net*> passed;
  const auto* net = net_of(interface);
  while (net != nullptr) {
    // NATs in a ring lead nowhere.
    if (std::ranges::find(passed, net) != passed.end()) break;
    passed.push_back(net);
    if (std::ranges::find(realms, net->realm) == realms.end()) realms.push_back(net->realm);
    if (!net->routers.empty() || net->gates.empty()) break;
    net = net_of({net->gates.front(), "outside"});
  }
  return realms;
}

}  // namespace rtclab::topology
