#include "sim/nat/nat64_node.h"

#include "agents/base/ip_packet.h"
#include "sim/nat/declaration.h"
#include "sim/nat/forwarding.h"

#include <fmt/format.h>

#include <utility>

namespace rtclab::sim {

using Outcome = nat::Verdict::Outcome;

Nat64Node::Nat64Node(const topology::Nat64& nat, Interface& inside, Interface& outside,
                     SeededRng rng, const nat::Translator::Record& record)
    : GateNode{nat.name, inside, outside, nat.behaviour.fragments},
      plan_{nat},
      record_{record},
      nat_{nat, rng, record} {
  if (nat.outside.address(Family::V6)) {
    firewall_.emplace(nat::Firewall::rules_of(nat), record);
  }
  declare();
}

void Nat64Node::declare() {
  record_(Simulation::now(), nat::declaration_of(plan_.behaviour, plan_.outside));
}

nat::Verdict Nat64Node::judge(Instant now, Side from, Bytes& packet) {
  nat_.set_mtus(inside().mtu(), outside().mtu());
  const bool is_v4 = family_of(packet) == Family::V4;
  if (from == Side::Outside && is_v4) return nat_.from_outside(now, packet);
  if (is_v4) {
    return {Outcome::Dropped, fmt::format("dropped by {}: inside there is only IPv6", name()), {}};
  }
  const bool is_meant = nat_.is_meant(ip::Header::parse(packet)->destination);
  if (from == Side::Inside && is_meant) return nat_.from_inside(now, packet);
  if (!firewall_ || is_meant) {
    return {Outcome::Dropped, fmt::format("dropped by {}: no way out for IPv6", name()),
            nat::kNetUnreachable};
  }
  return from == Side::Inside ? firewall_->from_inside(now, packet)
                              : firewall_->from_outside(now, packet);
}

nat::Verdict Nat64Node::follow(Side from, Bytes& part, const nat::FragmentFate& fate) {
  const bool passes_as_it_is =
      family_of(part) == Family::V6 &&
      (from == Side::Outside || !nat_.is_meant(ip::Header::parse(part)->destination));
  return passes_as_it_is ? fate.verdict : nat_.follow(part, fate);
}

void Nat64Node::settle() {
  while (auto packet = nat_.poll_output()) outside().send_new(*std::move(packet));
  auto wakeup = nat_.next_wakeup();
  if (firewall_) {
    while (auto packet = firewall_->poll_output()) outside().send_new(*std::move(packet));
    const auto other = firewall_->next_wakeup();
    if (other && (!wakeup || *other < *wakeup)) wakeup = other;
  }
  alarm_.arm(wakeup);
}

void Nat64Node::handle_timeout() {
  nat_.handle_timeout(Simulation::now());
  if (firewall_) firewall_->handle_timeout(Simulation::now());
  settle();
}

void Nat64Node::restart() {
  nat_.restart(Simulation::now());
  if (firewall_) firewall_.emplace(nat::Firewall::rules_of(plan_), record_);
  fragments()->clear();
  settle();
}

void Nat64Node::set_behaviour(const topology::NatBehaviour& behaviour) {
  plan_.behaviour = behaviour;
  nat_.set_behaviour(Simulation::now(), behaviour);
  declare();
  if (firewall_) firewall_.emplace(nat::Firewall::rules_of(plan_), record_);
  fragments()->set_policy(behaviour.fragments);
  settle();
}

void Nat64Node::note_addresses_changed() {
  plan_.inside.addresses = inside().addresses();
  plan_.outside.addresses = outside().addresses();
  nat_.set_addresses(Simulation::now(), plan_.inside.addresses, plan_.outside.addresses);
  declare();
  settle();
}

}  // namespace rtclab::sim
