#include "sim/nat/gate_node.h"

#include "agents/base/ip_packet.h"
#include "sim/link/simulation.h"
#include "sim/nat/flow.h"
#include "sim/nat/forwarding.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace rtclab::sim {

using Outcome = nat::Verdict::Outcome;

GateNode::GateNode(std::string name, Interface& inside, Interface& outside,
                   std::optional<topology::Fragments> fragments)
    : name_{std::move(name)}, inside_{inside}, outside_{outside} {
  if (fragments) fragments_.emplace(*fragments);
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
  if (is_multicast(arrival.packet)) return in.note_received(arrival);
  if (const auto refusal = refuse_to_forward(name_, arrival.packet)) {
    return turn_away(in, own_address(in, arrival.packet), arrival, *refusal);
  }
  if (fragments_) {
    const auto fragment = ip::Fragment::of(arrival.packet);
    if (fragment) return handle_fragment(in, arrival, *fragment);
  }
  Bytes packet{arrival.packet.begin(), arrival.packet.end()};
  auto verdict = judge(Simulation::now(), &in == &inside_ ? Side::Inside : Side::Outside, packet);
  pass(in, arrival, std::move(packet), std::move(verdict));
}

void GateNode::handle_fragment(Interface& in, const Arrival& arrival,
                               const ip::Fragment& fragment) {
  const auto now = Simulation::now();
  const auto from = &in == &inside_ ? Side::Inside : Side::Outside;
  const auto drop = [&](std::string_view why) {
    in.note_dropped(arrival, fmt::format("dropped by {}: {}", name_, why));
  };
  give_up();
  if (const auto why = fragments_->refusal_of(fragment); !why.empty()) return drop(why);
  Bytes packet{arrival.packet.begin(), arrival.packet.end()};
  if (!fragment.is_first()) {
    if (const auto* const fate = fragments_->fate_of(now, from, fragment)) {
      auto verdict =
          fate->verdict.outcome == Outcome::Dropped ? fate->verdict : follow(from, packet, *fate);
      return pass(in, arrival, std::move(packet), std::move(verdict));
    }
    const auto why =
        fragments_->hold(now, {from, std::move(packet), arrival.identity, arrival.frame}, fragment);
    if (why) return drop(*why);
    return patience_.arm(fragments_->next_expiry());
  }
  auto verdict = judge(now, from, packet);
  nat::FragmentFate fate{verdict};
  fate.verdict.rest.clear();
  fate.verdict.error.reset();  // RFC 1812 §4.3.2.7: about the first part alone
  if (const auto header = ip::Header::parse(packet)) {
    fate.source = header->source;
    fate.destination = header->destination;
  }
  const auto freed = fragments_->decide(now, from, fragment, std::move(fate));
  patience_.arm(fragments_->next_expiry());
  pass(in, arrival, std::move(packet), std::move(verdict));
  for (const auto& part : freed) {
    const Arrival held{part.packet, part.identity, part.frame};
    handle_fragment(in, held, *ip::Fragment::of(part.packet));
  }
}

// RFC 3022 §6.3: the addresses of a later part are all there is to change; IPv6 changes none.
nat::Verdict GateNode::follow(Side /*from*/, Bytes& part, const nat::FragmentFate& fate) {
  if (family_of(part) == Family::V4) {
    nat::rewrite_address(part, nat::End::Source, fate.source);
    nat::rewrite_address(part, nat::End::Destination, fate.destination);
  }
  return fate.verdict;
}

void GateNode::pass(Interface& in, const Arrival& arrival, Bytes packet, nat::Verdict verdict) {
  const auto self = own_address(in, arrival.packet);
  if (verdict.outcome == Outcome::Dropped) {
    return turn_away(in, self, arrival, {verdict.reason, verdict.error});
  }
  auto& out = verdict.outcome == Outcome::ToInside ? inside_ : outside_;
  if (const auto refusal = refuse_as_too_big(name_, packet, out, arrival.packet.size())) {
    return turn_away(in, self, arrival, *refusal);
  }
  in.note_received(arrival);
  auto parts = cut_to_fit(std::move(packet), out);
  for (auto& other : verdict.rest) {
    auto pieces = cut_to_fit(std::move(other), out);
    parts.insert(parts.end(), std::make_move_iterator(pieces.begin()),
                 std::make_move_iterator(pieces.end()));
  }
  forward(out, std::move(parts), arrival.identity);
}

// What has waited in vain for its first part is seen here and nowhere else.
void GateNode::give_up() {
  for (const auto& [part, why] : fragments_->expire(Simulation::now())) {
    auto& in = part.from == Side::Inside ? inside_ : outside_;
    in.note_dropped({part.packet, part.identity, part.frame},
                    fmt::format("dropped by {}: {}", name_, why));
  }
  patience_.arm(fragments_->next_expiry());
}

}  // namespace rtclab::sim
