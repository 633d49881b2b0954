#include "sim/link/network.h"

#include <ns3/node.h>
#include <ns3/ptr.h>

#include <cassert>
#include <map>

namespace rtclab::sim {

struct Network::Nodes {
  std::map<std::string, ns3::Ptr<ns3::Node>> by_machine;
};

Network::Network(std::uint64_t seed, capture::Sink* sink)
    : sink_{sink}, root_{seed}, nodes_{std::make_unique<Nodes>()} {}
Network::~Network() = default;

capture::InterfaceId Network::add_interface(const capture::InterfaceInfo& info) {
  const capture::InterfaceId id{interfaces_++};
  if (sink_ != nullptr) {
    [[maybe_unused]] const auto known_as = sink_->add_interface(info);
    assert(known_as == id && "a sink serves one network");
  }
  return id;
}

ns3::Node& Network::node(const std::string& machine) {
  auto& node = nodes_->by_machine[machine];
  if (!node) node = ns3::CreateObject<ns3::Node>();
  return *node;
}

}  // namespace rtclab::sim
