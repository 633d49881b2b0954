#include "sim/nat/router_node.h"

#include "agents/base/ip_packet.h"
#include "sim/nat/forwarding.h"

#include <fmt/format.h>

namespace rtclab::sim {
void RouterNode::attach(Interface& interface) {
  interface.on_arrival([this, &interface](const Arrival& arrival) { handle(interface, arrival); });
}

void RouterNode::handle(Interface& in, const Arrival& arrival) {
  if (is_multicast(arrival.packet)) return in.note_received(arrival);
  const auto self = dummy_address(family_of(arrival.packet));
  if (const auto refusal = refuse_to_forward(name_, arrival.packet)) {
    return turn_away(in, self, arrival, *refusal);
  }
  const auto destination = ip::Header::parse(arrival.packet)->destination;
  auto* const out = routes_.find(destination);
  if (out == nullptr) {
    const auto comment =
        fmt::format("dropped by {}: no route to {}", name_, destination.to_string());
    return turn_away(in, self, arrival, {comment, nat::kNetUnreachable});
  }
  if (const auto refusal = refuse_as_too_big(name_, arrival.packet, *out)) {
    return turn_away(in, self, arrival, *refusal);
  }
  in.note_received(arrival);
  forward(*out, cut_to_fit({arrival.packet.begin(), arrival.packet.end()}, *out), arrival.identity);
}

}  // namespace rtclab::sim
