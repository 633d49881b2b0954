#include "reports/evidence/evidence.h"

#include "reports/evidence/comments.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <variant>

namespace rtclab::evidence {

std::string_view to_string(PartyKind kind) {
  switch (kind) {
    case PartyKind::Peer: return "peer";
    case PartyKind::Nat: return "NAT";
    case PartyKind::StunServer: return "STUN server";
    case PartyKind::TurnServer: return "TURN server";
    case PartyKind::Signalling: return "signalling server";
    case PartyKind::Router: return "router";
    case PartyKind::Unknown: return "machine";
  }
  return "machine";
}

std::string_view to_string(Fate fate) {
  switch (fate) {
    case Fate::Delivered: return "delivered";
    case Fate::Lost: return "lost";
    case Fate::Filtered: return "filtered";
    case Fate::Unseen: return "arrival not captured";
  }
  return "unknown";
}

std::string_view to_string(SignallingType type) {
  switch (type) {
    case SignallingType::Offer: return "offer";
    case SignallingType::Answer: return "answer";
    case SignallingType::Pranswer: return "pranswer";
    case SignallingType::Rollback: return "rollback";
    case SignallingType::Candidate: return "candidate";
    case SignallingType::EndOfCandidates: return "end-of-candidates";
    case SignallingType::Note: return "note";
  }
  return "note";
}

bool Party::has(const Ip& ip) const {
  return std::ranges::any_of(addresses, [&](const auto& address) { return address.ip == ip; });
}

const Value* TraceEvent::find(std::string_view key) const {
  const auto found = std::ranges::find(data, key, &std::pair<std::string, Value>::first);
  return found == data.end() ? nullptr : &found->second;
}

std::string TraceEvent::text(std::string_view key) const {
  const auto* const value = find(key);
  if (value == nullptr) return {};
  return std::visit(
      [](const auto& held) -> std::string {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::string>) {
          return held;
        } else {
          return fmt::format("{}", held);
        }
      },
      *value);
}

std::optional<double> TraceEvent::number(std::string_view key) const {
  const auto* const value = find(key);
  if (value == nullptr) return std::nullopt;
  return std::visit(
      [](const auto& held) -> std::optional<double> {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::string> || std::is_same_v<Held, bool>) {
          return std::nullopt;
        } else {
          return static_cast<double>(held);
        }
      },
      *value);
}

std::vector<PartyIndex> Evidence::peers() const {
  std::vector<PartyIndex> found;
  for (PartyIndex i = 0; i < parties.size(); ++i) {
    if (parties[i].kind == PartyKind::Peer) found.push_back(i);
  }
  return found;
}

std::optional<PartyIndex> Evidence::party_named(std::string_view name) const {
  const auto found = std::ranges::find(parties, name, &Party::name);
  if (found == parties.end()) return std::nullopt;
  return static_cast<PartyIndex>(found - parties.begin());
}

std::optional<PartyIndex> Evidence::party_at(const Ip& ip) const {
  const auto found =
      std::ranges::find_if(parties, [&](const auto& party) { return party.has(ip); });
  if (found == parties.end()) return std::nullopt;
  return static_cast<PartyIndex>(found - parties.begin());
}

std::optional<PartyIndex> Evidence::party_at(const Endpoint& endpoint) const {
  bool is_shared = false;
  for (PartyIndex i = 0; i < parties.size(); ++i) {
    for (const auto& own : parties[i].endpoints) {
      if (own == endpoint) return i;
      is_shared = is_shared || own.ip == endpoint.ip;
    }
  }
  return is_shared ? std::nullopt : party_at(endpoint.ip);
}

std::optional<PartyIndex> Evidence::party_of(const Packet& packet) const {
  const auto party = interfaces[packet.interface].party;
  // Of several peers on one machine, the one whose port it is.
  if (!party || parties[*party].endpoints.empty()) return party;
  const auto at =
      party_at(packet.direction == Direction::Outbound ? packet.source : packet.destination);
  return at && parties[*at].machine == parties[*party].machine ? at : party;
}

const Packet& Evidence::first_packet(const Datagram& datagram) const {
  return packets[datagram.packets.front()];
}

// Of copies that a link has made, the first that arrived is the one that was acted on.
const Packet& Evidence::last_packet(const Datagram& datagram) const {
  for (const auto index : datagram.packets) {
    const auto& packet = packets[index];
    const auto party = party_of(packet);
    const bool is_end = party && parties[*party].kind != PartyKind::Nat &&
                        parties[*party].kind != PartyKind::Router;
    if (is_end && packet.direction == Direction::Inbound && !is_dropped(packet)) return packet;
  }
  return packets[datagram.packets.back()];
}

}  // namespace rtclab::evidence
