#include "sim/nat/mapping_table.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::nat {
namespace {

using topology::Refresh;

// RFC 5508 §3.2: an ICMP query session MUST NOT expire in less than 60 seconds.
constexpr Duration kIcmpLifetime = std::chrono::seconds{60};

std::uint32_t outside_key(ip::Protocol protocol, Port port) {
  return std::uint32_t{static_cast<std::uint8_t>(protocol)} << 16u | port.value();
}

}  // namespace

MappingTable::MappingTable(const topology::Nat& nat, SeededRng rng)
    : nat_{nat}, ports_{nat.behaviour.port_allocation, nat.behaviour.ports, rng} {}

std::size_t MappingTable::KeyHash::operator()(const MappingKey& key) const noexcept {
  const std::hash<Endpoint> hash;
  return (hash(key.inside) * 31 + hash(key.destination)) * 31 +
         static_cast<std::size_t>(key.protocol);
}

MappingKey MappingTable::key_of(const Flow& outbound) const {
  switch (nat_.behaviour.mapping) {
    case topology::Mapping::EndpointIndependent: return {outbound.protocol, outbound.source, {}};
    case topology::Mapping::AddressDependent:
      return {outbound.protocol, outbound.source, {outbound.destination.ip, Port{0}}};
    case topology::Mapping::AddressAndPortDependent: break;
  }
  return {outbound.protocol, outbound.source, outbound.destination};
}

Endpoint MappingTable::as_filtered(Endpoint remote) const {
  switch (nat_.behaviour.filtering) {
    case topology::Filtering::EndpointIndependent: return {};
    case topology::Filtering::AddressDependent: return {remote.ip, Port{0}};
    case topology::Filtering::AddressAndPortDependent: break;
  }
  return remote;
}

// Of what knows no connections.
Duration MappingTable::lifetime(ip::Protocol protocol) const {
  return protocol == ip::Protocol::Icmp ? kIcmpLifetime : nat_.behaviour.lifetimes.udp;
}

// RFC 5382 §5: a TCP mapping lives as long as the last of its connections.
Instant MappingTable::end_of(const MappingEntry& entry) const {
  if (entry.sessions.empty()) return entry.refreshed + lifetime(entry.key.protocol);
  Instant last{};
  for (const auto& [remote, session] : entry.sessions) last = std::max(last, session.ends());
  return last;
}

MappingEntry* MappingTable::find(const Flow& outbound) {
  const auto found = by_key_.find(key_of(outbound));
  return found == by_key_.end() ? nullptr : found->second.get();
}

MappingEntry* MappingTable::find_outside(ip::Protocol protocol, Port port) {
  const auto found = by_outside_.find(outside_key(protocol, port));
  return found == by_outside_.end() ? nullptr : found->second;
}

MappingEntry* MappingTable::create(const Flow& outbound, Instant now) {
  const auto port = ports_.allocate(outbound.protocol, outbound.source.port);
  if (!port) return nullptr;
  auto entry =
      std::make_unique<MappingEntry>(MappingEntry{key_of(outbound),
                                                  {nat_.outside.address(Family::V4)->ip, *port},
                                                  outbound.destination,
                                                  now,
                                                  {},
                                                  {}});
  auto* const made = entry.get();
  by_outside_.emplace(outside_key(outbound.protocol, *port), made);
  [[maybe_unused]] const auto placed = by_key_.emplace(made->key, std::move(entry));
  assert(placed.second);
  if (outbound.protocol == ip::Protocol::Tcp) {
    made->sessions[outbound.destination].note(TcpSession::From::Inside, outbound.flags, now);
  }
  made->deadline = end_of(*made);
  deadlines_.emplace(made->deadline, outbound.protocol, *port);
  return made;
}

void MappingTable::note_outbound(MappingEntry& entry, const Endpoint& remote, TcpFlags flags,
                                 Instant now) {
  if (entry.key.protocol == ip::Protocol::Tcp) {
    return note_tcp(entry, remote, TcpSession::From::Inside, flags, now);
  }
  const bool known = admits(entry, remote, now);
  if (!known || nat_.behaviour.refresh != Refresh::Inbound)
    entry.admitted[as_filtered(remote)] = now;
  if (nat_.behaviour.refresh != Refresh::Inbound) entry.refreshed = now;
}

void MappingTable::note_inbound(MappingEntry& entry, const Endpoint& remote, TcpFlags flags,
                                Instant now) {
  if (entry.key.protocol == ip::Protocol::Tcp) {
    return note_tcp(entry, remote, TcpSession::From::Outside, flags, now);
  }
  if (nat_.behaviour.refresh == Refresh::Outbound) return;
  entry.refreshed = now;
  const auto admitted = entry.admitted.find(as_filtered(remote));
  if (admitted != entry.admitted.end()) admitted->second = now;
}

void MappingTable::note_tcp(MappingEntry& entry, const Endpoint& remote, TcpSession::From from,
                            TcpFlags flags, Instant now) {
  std::erase_if(entry.sessions, [&](const auto& other) { return other.second.ends() <= now; });
  entry.sessions[remote].note(from, flags, now);
  const auto end = end_of(entry);
  if (end >= entry.deadline) return;
  deadlines_.erase({entry.deadline, entry.key.protocol, entry.outside.port});
  entry.deadline = end;
  deadlines_.emplace(end, entry.key.protocol, entry.outside.port);
}

bool MappingTable::admits(const MappingEntry& entry, const Endpoint& remote, Instant now) const {
  // RFC 4787 §5: an endpoint-independent filter looks at nothing but the mapping.
  if (nat_.behaviour.filtering == topology::Filtering::EndpointIndependent) return true;
  if (entry.key.protocol == ip::Protocol::Tcp) {
    return std::ranges::any_of(entry.sessions, [&](const auto& known) {
      return as_filtered(known.first) == as_filtered(remote) && now < known.second.ends();
    });
  }
  const auto admitted = entry.admitted.find(as_filtered(remote));
  return admitted != entry.admitted.end() && now < admitted->second + lifetime(entry.key.protocol);
}

void MappingTable::expire(Instant now, const Expired& report) {
  while (!deadlines_.empty() && std::get<Instant>(*deadlines_.begin()) <= now) {
    const auto [at, protocol, port] = *deadlines_.begin();
    deadlines_.erase(deadlines_.begin());
    auto* const entry = find_outside(protocol, port);
    assert(entry != nullptr);
    const auto ends = end_of(*entry);
    if (ends > now) {
      entry->deadline = ends;
      deadlines_.emplace(ends, protocol, port);
      continue;
    }
    report(*entry);
    ports_.release(protocol, port);
    by_outside_.erase(outside_key(protocol, port));
    by_key_.erase(MappingKey{entry->key});  // a copy: the key goes with the entry
  }
}

std::optional<Instant> MappingTable::next_expiry() const {
  if (deadlines_.empty()) return std::nullopt;
  return std::get<Instant>(*deadlines_.begin());
}

}  // namespace rtclab::nat
