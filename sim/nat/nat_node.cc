#include "sim/nat/nat_node.h"

#include "sim/link/simulation.h"
#include "sim/nat/forwarding.h"

#include <ns3/event-id.h>
#include <ns3/nstime.h>
#include <ns3/simulator.h>

#include <utility>

namespace rtclab::sim {

using Outcome = nat::Verdict::Outcome;

struct NatNode::Alarm {
  ns3::EventId event;
  std::optional<Instant> at;
};

NatNode::NatNode(const topology::Nat& nat, Interface& inside, Interface& outside, SeededRng rng,
                 nat::Translator::Record record)
    : name_{nat.name},
      inside_{inside},
      outside_{outside},
      translator_{nat, rng, std::move(record)},
      alarm_{std::make_unique<Alarm>()} {
  for (auto* const interface : {&inside_, &outside_}) {
    interface->on_arrival(
        [this, interface](const Arrival& arrival) { handle(*interface, arrival); });
  }
}

NatNode::~NatNode() {
  alarm_->event.Cancel();
}

void NatNode::handle(Interface& in, const Arrival& arrival) {
  const auto self = in.address().ip;
  if (const auto refusal = refuse_to_forward(name_, arrival.packet)) {
    return turn_away(in, self, arrival, *refusal);
  }
  Bytes packet{arrival.packet.begin(), arrival.packet.end()};
  const auto now = Simulation::now();
  const auto verdict = &in == &inside_ ? translator_.from_inside(now, packet)
                                       : translator_.from_outside(now, packet);
  arm();
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

// The alarm of the earliest deadline; a deadline that moved away is looked at once in vain.
void NatNode::arm() {
  const auto at = translator_.next_wakeup();
  if (at == alarm_->at) return;
  alarm_->event.Cancel();
  alarm_->at = at;
  if (!at) return;
  alarm_->event =
      ns3::Simulator::Schedule(ns3::NanoSeconds((*at - Simulation::now()).count()), [this] {
        alarm_->at.reset();
        translator_.handle_timeout(Simulation::now());
        arm();
      });
}

}  // namespace rtclab::sim
