// The links of a topology, built, and who can be reached through which of them.
#pragma once

#include "sim/link/link.h"
#include "sim/link/network.h"
#include "sim/link/wifi_cell.h"
#include "topologies/directory.h"
#include "topologies/topology.h"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::sim {

class Wiring {
 public:
  // Builds every link, in the order of the topology. LANs and routers get their interfaces here:
  // eth0, eth1, …
  Wiring(Network& network, const topology::Topology& topology);

  [[nodiscard]] const topology::Directory& directory() const { return directory_; }
  // In the order of the topology; nullptr where a link goes over the air.
  [[nodiscard]] Link* link(std::size_t index) const { return links_.at(index).get(); }
  // nullptr when no link ends there.
  [[nodiscard]] Interface* find(std::string_view machine, std::string_view interface) const;
  // All interfaces of a machine that have a link, in the order of the links.
  [[nodiscard]] std::vector<Interface*> interfaces_of(std::string_view machine) const;
  // The other end of its link.
  [[nodiscard]] Interface& peer_of(const Interface& interface) const;

  // The interfaces on the far side that share a net with `from`: no machine but LANs stands
  // between.
  [[nodiscard]] std::vector<Interface*> stations(const Interface& from) const;
  // The interfaces that lie behind `from` in that family, with no machines but LANs, routers and
  // firewalls between, also NATs and NAT64s when they are firewalls to the family. The nearest come first; no
  // way leads back into the machine of `from`.
  struct Behind {
    Interface* interface;
    unsigned routers;  // on the way
  };
  [[nodiscard]] std::vector<Behind> addresses_behind(const Interface& from, Family family) const;
  // Who takes the packets that `from` has for other nets: the NAT (of any kind) or firewall whose
  // inside is in its net, else a router.
  [[nodiscard]] Interface* gateway_of(const Interface& from) const;

 private:
  [[nodiscard]] std::vector<Behind> search(const Interface& from,
                                           std::optional<Family> routed) const;
  [[nodiscard]] bool routes(std::string_view machine, Family family) const;
  void lay(Network& network, const topology::Link& link);
  [[nodiscard]] WifiCell& cell_of(Network& network, const std::string& access_point);
  [[nodiscard]] InterfaceSpec spec_of(const topology::LinkEnd& end);

  const topology::Topology& topology_;
  topology::Directory directory_;
  std::vector<std::unique_ptr<Link>> links_;
  std::map<std::string, std::unique_ptr<WifiCell>, std::less<>> cells_;  // by the access point
  std::map<std::string, std::vector<Interface*>, std::less<>> by_machine_;
  std::map<std::string, unsigned> ports_given_;  // to LANs and routers
  std::map<const Interface*, Interface*>
      peers_;  // looked up, never iterated: the order is the memory's
};

}  // namespace rtclab::sim
