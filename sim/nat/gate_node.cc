#include "sim/nat/gate_node.h"

#include "sim/link/simulation.h"
#include "sim/nat/forwarding.h"

#include <utility>

namespace rtclab::sim {

using Outcome = nat::Verdict::Outcome;

GateNode::GateNode(std::string name, Interface& inside, Interface& outside)
    : name_{std::move(name)}, inside_{inside}, outside_{outside} {
  for (auto* const interface : {&inside_, &outside_}) {
    interface->on_arrival(
        [this, interface](const Arrival& arrival) { handle(*interface, arrival); });
  }
}

void GateNode::handle(Interface& in, const Arrival& arrival) {
  pass_or_drop(in, arrival);
  settle();
}

void GateNode::pass_or_drop(Interface& in, const Arrival& arrival) {
  const auto family = family_of(arrival.packet);
  const auto self = in.address(family).value_or(dummy_address(family));
  if (is_multicast(arrival.packet)) return in.note_received(arrival);
  if (const auto refusal = refuse_to_forward(name_, arrival.packet)) {
    return turn_away(in, self, arrival, *refusal);
  }
  Bytes packet{arrival.packet.begin(), arrival.packet.end()};
  const auto from = &in == &inside_ ? Side::Inside : Side::Outside;
  const auto verdict = judge(Simulation::now(), from, packet);
  if (verdict.outcome == Outcome::Dropped) {
    return turn_away(in, self, arrival, {verdict.reason, verdict.error});
  }
  auto& out = verdict.outcome == Outcome::ToInside ? inside_ : outside_;
  if (const auto refusal = refuse_as_too_big(name_, packet, out)) {
    return turn_away(in, self, arrival, *refusal);
  }
  in.note_received(arrival);
  forward(out, std::move(packet), arrival.identity);
}

}  // namespace rtclab::sim
