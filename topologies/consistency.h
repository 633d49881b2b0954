// What the elements of a topology file cannot say one by one: that together they are a network that
// works.
#pragma once

#include "topologies/topology.h"
#include "topologies/xml_file.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::topology {

// Where each value of the topology stands in its file.
struct Places {
  std::map<std::string, xml::Element, std::less<>> machines;
  std::map<std::string, xml::Element, std::less<>> interfaces;  // by LinkEnd::to_string()
  std::vector<xml::Element> links;                              // as in Topology::links
};

// Why no interface can have this address: "192.168.1.255 is the broadcast address of …".
[[nodiscard]] std::optional<std::string> address_flaw(const Prefix& address);

// Complains at the first place where the promises of topology.h do not hold: loops, interfaces
// without a link, nets with two gateways, machines that reach nothing, addresses that do not fit.
// Precondition: names are unique, the ends of links exist.
void check_consistency(const Topology& topology, const Places& places);

}  // namespace rtclab::topology
