#include "sim/nat/nat_node.h"

#include "sim/link/simulation.h"
#include "sim/nat/forwarding.h"

#include <ns3/event-id.h>
#include <ns3/nstime.h>
#include <ns3/simulator.h>

#include <utility>

namespace rtclab::sim {

struct NatNode::Alarm {
  ns3::EventId event;
  std::optional<Instant> at;
};

NatNode::NatNode(const topology::Nat& nat, Interface& inside, Interface& outside, SeededRng rng,
                 nat::Translator::Record record)
    : GateNode{nat.name, inside, outside},
      nat_{nat},
      record_{std::move(record)},
      translator_{nat_, rng, record_},
      firewall_{std::in_place, nat::Firewall::rules_of(nat_), record_},
      alarm_{std::make_unique<Alarm>()} {}

NatNode::~NatNode() {
  alarm_->event.Cancel();
}

nat::Verdict NatNode::judge(Instant now, Side from, Bytes& packet) {
  if (family_of(packet) == Family::V6) {
    return from == Side::Inside ? firewall_->from_inside(now, packet)
                                : firewall_->from_outside(now, packet);
  }
  return from == Side::Inside ? translator_.from_inside(now, packet)
                              : translator_.from_outside(now, packet);
}

void NatNode::settle() {
  while (auto packet = translator_.poll_output()) outside().send_new(*std::move(packet));
  arm();
}

void NatNode::restart() {
  translator_.restart(Simulation::now());
  firewall_.emplace(nat::Firewall::rules_of(nat_), record_);
  settle();
}

void NatNode::set_behaviour(const topology::NatBehaviour& behaviour) {
  nat_.behaviour = behaviour;
  translator_.set_behaviour(Simulation::now(), behaviour);
  firewall_.emplace(nat::Firewall::rules_of(nat_), record_);
  settle();
}

void NatNode::note_addresses_changed() {
  translator_.set_inside(inside().addresses());
  translator_.set_addresses(Simulation::now(), outside().addresses());
  settle();
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
        settle();
      });
}

}  // namespace rtclab::sim
