#include "reports/diagrams/lifelines.h"

#include <algorithm>
#include <set>

namespace rtclab::diagrams {

using evidence::PartyIndex;
using evidence::PartyKind;

namespace {

// A party that neither sent, received nor dropped anything would be an empty line.
std::set<PartyIndex> active_parties(const evidence::Evidence& evidence) {
  std::set<PartyIndex> active;
  const auto note = [&](std::optional<PartyIndex> party) {
    if (party) active.insert(*party);
  };
  for (const auto& datagram : evidence.datagrams) {
    note(datagram.from);
    note(datagram.to);
    note(datagram.dropped_by);
    for (const auto index : datagram.packets) {
      const auto& packet = evidence.packets[index];
      note(evidence.party_of(packet));
      note(evidence.party_at(packet.source));
      note(evidence.party_at(packet.destination));
    }
  }
  return active;
}

}  // namespace

Lifelines::Lifelines(const evidence::Evidence& evidence) {
  const auto active = active_parties(evidence);
  const auto peers = evidence.peers();
  const auto add_kind = [&](PartyKind kind, std::optional<PartyIndex> inside) {
    for (PartyIndex i = 0; i < evidence.parties.size(); ++i) {
      const auto& party = evidence.parties[i];
      if (party.kind == kind && party.inside == inside && active.contains(i)) add(evidence, i);
    }
  };
  // Peers that share a machine stand together.
  const auto on_first_machine = [&](PartyIndex peer) {
    return evidence.parties[peer].machine == evidence.parties[peers.front()].machine;
  };
  for (const auto peer : peers) {
    if (!on_first_machine(peer)) continue;
    add(evidence, peer);
    add_kind(PartyKind::Nat, peer);
  }
  add_kind(PartyKind::Nat, std::nullopt);  // one that peers share
  for (const auto kind :
       {PartyKind::StunServer, PartyKind::TurnServer, PartyKind::Signalling, PartyKind::Unknown}) {
    add_kind(kind, std::nullopt);
  }
  for (const auto peer : peers) {
    if (on_first_machine(peer)) continue;
    add_kind(PartyKind::Nat, peer);
    add(evidence, peer);
  }
}

void Lifelines::add(const evidence::Evidence& evidence, PartyIndex index) {
  const auto& party = evidence.parties[index];
  Lifeline lifeline{
      index, party.name, std::string{to_string(party.kind)}, {}, party.kind == PartyKind::Peer};
  for (const auto& address : party.addresses) {
    bool is_shared = false;
    for (const auto& endpoint : party.endpoints) {
      if (endpoint.ip != address.ip) continue;
      is_shared = true;
      lifeline.addresses.push_back(endpoint.to_string());
    }
    if (!is_shared) lifeline.addresses.push_back(address.ip.to_string());
  }
  position_[index] = list_.size();
  list_.push_back(std::move(lifeline));
}

std::optional<std::size_t> Lifelines::of(std::optional<PartyIndex> party) const {
  if (!party) return std::nullopt;
  const auto found = position_.find(*party);
  if (found == position_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::size_t> Lifelines::named(const std::string& name) const {
  const auto found = std::ranges::find(list_, name, &Lifeline::name);
  if (found == list_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - list_.begin());
}

}  // namespace rtclab::diagrams
