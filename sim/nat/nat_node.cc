#include "sim/nat/nat_node.h"

#include "sim/link/simulation.h"
#include "sim/nat/declaration.h"
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
                 nat::Translator::Record record, std::set<nat::Fault> faults)
    : GateNode{nat.name, inside, outside, nat.behaviour.fragments},
      nat_{nat},
      record_{std::move(record)},
      translator_{nat_, rng, record_},
      faulty_{translator_, std::move(faults)},
      firewall_{std::in_place, nat::Firewall::rules_of(nat_), record_} {
  declare();
}

nat::Verdict NatNode::judge(Instant now, Side from, Bytes& packet) {
  if (family_of(packet) == Family::V6) {
    return from == Side::Inside ? firewall_->from_inside(now, packet)
                                : firewall_->from_outside(now, packet);
  }
  return from == Side::Inside ? faulty_.from_inside(now, packet)
                              : faulty_.from_outside(now, packet);
}

void NatNode::declare() {
  record_(Simulation::now(), nat::declaration_of(nat_.behaviour, nat_.outside));
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
  declare();
  firewall_.emplace(nat::Firewall::rules_of(nat_), record_);
  settle();
}

void NatNode::note_addresses_changed() {
  translator_.set_inside(inside().addresses());
  nat_.outside.addresses = outside().addresses();
  translator_.set_addresses(Simulation::now(), nat_.outside.addresses);
  declare();
  settle();
}

}  // namespace rtclab::sim
