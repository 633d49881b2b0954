// The nets of a topology: which interfaces hear each other, and by which gateway each net leaves.
//
// A net is what links and LANs join up to the next NAT, firewall or router (RFC 4787 would say: one
// addressing realm's link). A realm is what routers and firewalls join: inside it every address is
// unique.
#pragma once

#include "topologies/topology.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::topology {

struct Net {
  std::vector<LinkEnd> interfaces;  // in the order of the links
  std::vector<std::string> lans;
  std::vector<std::string> routers;  // joined to it by a link
  std::vector<std::string> gates;    // NATs of any kind and firewalls whose inside is in it
  // Nets with a router or firewall between them have the same.
  std::size_t realm = 0;
  // The same for IPv6, to which NATs and NAT64s are firewalls.
  std::size_t realm_v6 = 0;

  [[nodiscard]] std::size_t realm_of(Family family) const {
    return family == Family::V4 ? realm : realm_v6;
  }
  // The machine that packets to other nets go to: the router, or the NAT or firewall whose inside
  // is here. A loaded topology has at most one; nullopt in a net that leads nowhere.
  [[nodiscard]] std::optional<std::string> gateway() const;
};

class Nets {
 public:
  // Precondition: the ends of links name interfaces as topology.h says. Loops are allowed here.
  explicit Nets(const Topology& topology);

  [[nodiscard]] const std::vector<Net>& all() const& { return nets_; }
  const std::vector<Net>& all() const&& = delete;
  // nullptr when the interface has no link.
  [[nodiscard]] const Net* net_of(const LinkEnd& interface) const;
  // The links (by index) that close a loop of LANs and routers, so that a packet could circle.
  [[nodiscard]] const std::vector<std::size_t>& loops() const { return loops_; }

  // The realms (of IPv4) that a machine reaches by sending outward from this interface, nearest
  // first: its own, then through each NAT on the way.
  [[nodiscard]] std::vector<std::size_t> realms_outward(const LinkEnd& interface) const;

 private:
  std::vector<Net> nets_;
  std::vector<std::size_t> loops_;
  std::vector<std::pair<std::string, std::size_t>> net_of_;  // by the text of a LinkEnd, sorted
};

}  // namespace rtclab::topology
