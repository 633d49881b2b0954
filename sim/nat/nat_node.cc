#include "sim/nat/nat_node.h"

#include "sim/link/simulation.h"
#include "sim/nat/forwarding.h"

#include <algorithm>
#include <utility>

namespace rtclab::sim {
namespace {

std::optional<Instant> earlier(std::optional<Instant> a, std::optional<Instant> b) {
  return a && b ? std::min(a, b) : a ? a : b;
}

}  // namespace

NatNode::NatNode(const topology::Nat& nat, Interface& inside, Interface& outside, SeededRng rng,
                 nat::Translator::Record record)
    : GateNode{nat.name, inside, outside, nat.behaviour.fragments},
      nat_{nat},
      record_{std::move(record)},
      translator_{nat_, rng, record_},
      firewall_{std::in_place, nat::Firewall::rules_of(nat_), record_} {}

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
  while (auto packet = firewall_->poll_output()) outside().send_new(*std::move(packet));
  alarm_.arm(earlier(translator_.next_wakeup(), firewall_->next_wakeup()));
}

// A deadline that moved away is looked at once in vain.
void NatNode::handle_timeout() {
  translator_.handle_timeout(Simulation::now());
  firewall_->handle_timeout(Simulation::now());
  settle();
}

void NatNode::restart() {
  translator_.restart(Simulation::now());
  firewall_.emplace(nat::Firewall::rules_of(nat_), record_);
  fragments()->clear();
  settle();
}

void NatNode::set_behaviour(const topology::NatBehaviour& behaviour) {
  nat_.behaviour = behaviour;
  translator_.set_behaviour(Simulation::now(), behaviour);
  fragments()->set_policy(behaviour.fragments);
  firewall_.emplace(nat::Firewall::rules_of(nat_), record_);
  settle();
}

void NatNode::note_addresses_changed() {
  translator_.set_inside(inside().addresses());
  translator_.set_addresses(Simulation::now(), outside().addresses());
  settle();
}

}  // namespace rtclab::sim
