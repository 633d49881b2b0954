#include "sim/nat/switch_node.h"

#include "agents/base/ip_packet.h"

#include <fmt/format.h>

namespace rtclab::sim {

void SwitchNode::attach(Interface& port) {
  ports_.push_back(&port);
  port.on_arrival([this, &port](const Arrival& arrival) { handle(port, arrival); });
}

void SwitchNode::flood(Interface& in, const Arrival& arrival) {
  in.note_received(arrival);
  for (auto* const port : ports_) {
    if (port != &in) port->relay(arrival);
  }
}

void SwitchNode::handle(Interface& in, const Arrival& arrival) {
  const auto destination = ip::destination_of(arrival.packet);
  if (destination && destination->is_multicast()) return flood(in, arrival);
  const auto found = stations_.find(arrival.frame.destination);
  if (found == stations_.end() || found->second == &in) {
    const auto header = ip::Header::parse(arrival.packet);
    const auto whom = header ? header->destination.to_string() : std::string{"that address"};
    in.note_dropped(arrival, fmt::format("dropped by {}: nobody has {} in this LAN", name_, whom));
    return;
  }
  in.note_received(arrival);
  found->second->relay(arrival);
}

}  // namespace rtclab::sim
