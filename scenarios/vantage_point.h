// What a trace's header says of a machine of a topology.
#pragma once

#include "reports/evidence/trace_writer.h"
#include "topologies/topology.h"

#include <string>

namespace rtclab::scenario {

// Called by the machine's name and kind; who knows that a peer lives there says so afterwards.
// Precondition: the topology has the machine.
[[nodiscard]] inline evidence::VantagePoint vantage_point_of(const topology::Topology& topology,
                                                             const std::string& machine) {
  evidence::VantagePoint point{.name = machine,
                               .type = std::string{to_string(*topology.kind_of(machine))},
                               .machine = machine,
                               .interfaces = {}};
  for (const auto& interface : topology.interfaces_of(machine)) {
    for (const auto& address : interface.addresses)
      point.interfaces.emplace_back(interface.name, address.ip.to_string());
  }
  return point;
}

}  // namespace rtclab::scenario
