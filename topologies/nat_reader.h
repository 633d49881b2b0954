// What a NAT's and a firewall's attributes say: read over what holds without them.
//
// Scenario files change a NAT during the run with the same attributes, so they stand here once.
#pragma once

#include "topologies/nat.h"
#include "topologies/xml_file.h"

#include <string_view>
#include <vector>

namespace rtclab::topology {

// The attributes that the two functions below read, for grammars.
[[nodiscard]] const std::vector<std::string_view>& nat_attributes();
[[nodiscard]] const std::vector<std::string_view>& firewall_attributes();

// A preset comes first, then what the other attributes say. Bad values are complained of at the
// element, and leave a harmless value.
[[nodiscard]] NatBehaviour read_nat_behaviour(const xml::Element& element, NatBehaviour usual);
[[nodiscard]] FirewallRules read_firewall_rules(const xml::Element& element, FirewallRules usual);

// firstPort and lastPort, or what they are called elsewhere.
[[nodiscard]] PortRange read_ports(const xml::Element& element, std::string_view first,
                                   std::string_view last, PortRange usual);
// Above 0.
[[nodiscard]] Duration read_lifetime(const xml::Element& element, std::string_view attribute,
                                     Duration usual);

}  // namespace rtclab::topology
