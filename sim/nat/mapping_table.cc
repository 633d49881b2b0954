#include "sim/nat/mapping_table.h"

#include <algorithm>
#include <cassert>
#include <tuple>

namespace rtclab::nat {
namespace {

using topology::Exhaustion;
using topology::Filtering;
using topology::Mapping;
using topology::Refresh;

// ICMP queries are mapped and filtered like UDP (RFC 5508 REQ-1 a).
Transport transport_of(ip::Protocol protocol) {
  return protocol == ip::Protocol::Tcp ? Transport::Tcp : Transport::Udp;
}

bool is_tcp(const MappingEntry& entry) {
  return entry.key.protocol == ip::Protocol::Tcp;
}

Instant end_of_session(const MappingEntry& entry, const MappingSession& session) {
  return is_tcp(entry) ? session.tcp.ends() : session.ends;
}

}  // namespace

std::string_view to_string(MappingEnd why) {
  switch (why) {
    case MappingEnd::Lifetime: return "lifetime";
    case MappingEnd::Evicted: return "evicted";
    case MappingEnd::Restart: return "restart";
    case MappingEnd::AddressGone: return "address";
    case MappingEnd::BehaviourChanged: return "behaviour";
  }
  __builtin_unreachable();
}

MappingTable::MappingTable(const topology::NatBehaviour& behaviour, std::vector<Ip> addresses,
                           SeededRng rng, Ended report)
    : behaviour_{behaviour},
      addresses_{std::move(addresses)},
      rng_{rng.fork("later")},
      report_{std::move(report)},
      ports_{behaviour_, addresses_, rng} {}

std::size_t MappingTable::Hash::operator()(const MappingKey& key) const noexcept {
  const std::hash<Endpoint> hash;
  return (hash(key.inside) * 31 + hash(key.destination)) * 31 +
         static_cast<std::size_t>(key.protocol);
}

std::size_t MappingTable::Hash::operator()(const OutsideKey& key) const noexcept {
  const std::hash<Endpoint> hash;
  return (hash(key.outside) * 31 + hash(key.destination)) * 31 +
         static_cast<std::size_t>(key.protocol);
}

Endpoint MappingTable::as_mapped(ip::Protocol protocol, const Endpoint& destination) const {
  switch (behaviour_.mapping_of(transport_of(protocol))) {
    case Mapping::EndpointIndependent: return {};
    case Mapping::AddressDependent: return {destination.ip, Port{0}};
    case Mapping::AddressAndPortDependent: return destination;
  }
  __builtin_unreachable();
}

MappingTable::OutsideKey MappingTable::outside_key(ip::Protocol protocol, const Endpoint& outside,
                                                   const Endpoint& remote) const {
  const bool shares = behaviour_.port_allocation == topology::PortAllocation::Overloading;
  return {protocol, outside, shares ? as_mapped(protocol, remote) : Endpoint{}};
}

PortAllocator::Request MappingTable::request_of(const MappingKey& key) const {
  PortAllocator::Request request{key.protocol, key.inside, key.destination};
  const auto port = key.inside.port.value();
  const bool is_odd = (port & 1u) != 0;
  if (!behaviour_.port_contiguity || key.protocol != ip::Protocol::Udp || !is_odd) return request;
  auto below = key;
  below.inside.port = Port{static_cast<std::uint16_t>(port - 1)};
  const auto found = by_key_.find(below);
  if (found != by_key_.end()) request.beside = found->second->outside;
  return request;
}

// Of a packet that refreshes now. An answer counts for what comes after it, as in Linux.
Duration MappingTable::lifetime(ip::Protocol protocol, const MappingSession& session,
                                Instant now) const {
  const auto& lifetimes = behaviour_.lifetimes;
  if (protocol == ip::Protocol::Icmp) return lifetimes.icmp;
  const bool lasts = session.answered && now > session.begun + lifetimes.udp_answered_after;
  return lasts ? lifetimes.udp_answered.value_or(lifetimes.udp) : lifetimes.udp;
}

// RFC 5382 §5: a TCP mapping lives as long as the last of its connections.
Instant MappingTable::end_of(const MappingEntry& entry) const {
  if (!is_tcp(entry)) return entry.ends;
  Instant last{};
  for (const auto& [remote, session] : entry.sessions) last = std::max(last, session.tcp.ends());
  return last;
}

MappingEntry* MappingTable::find(const Flow& outbound) {
  const auto found = by_key_.find(
      {outbound.protocol, outbound.source, as_mapped(outbound.protocol, outbound.destination)});
  return found == by_key_.end() ? nullptr : &*found->second;
}

MappingEntry* MappingTable::find_outside(ip::Protocol protocol, const Endpoint& outside,
                                         const Endpoint& remote) {
  const auto found = by_outside_.find(outside_key(protocol, outside, remote));
  return found == by_outside_.end() ? nullptr : &*found->second;
}

tl::expected<MappingEntry*, Refusal> MappingTable::create(const Flow& outbound, Instant now) {
  const MappingKey key{outbound.protocol, outbound.source,
                       as_mapped(outbound.protocol, outbound.destination)};
  while (const auto why = over_limit(key)) {
    if (!make_room(key, *why, now)) return tl::make_unexpected(*why);
  }
  auto outside = ports_.allocate(request_of(key), now);
  if (!outside && make_room(key, Refusal::NoPort, now)) {
    outside = ports_.allocate(request_of(key), now);
  }
  if (!outside) return tl::make_unexpected(Refusal::NoPort);

  const auto entry = entries_.insert(
      entries_.end(), MappingEntry{key, *outside, outbound.destination, made_++, now, {}, {}});
  entry->ends = now + lifetime(key.protocol, {}, now);
  note_outbound(*entry, outbound.destination, outbound.flags, now);
  place(entry);
  return &*entry;
}

std::optional<Refusal> MappingTable::over_limit(const MappingKey& key) const {
  const auto& per_host = behaviour_.mappings_per_host;
  if (per_host && ports_.held_by(key.inside.ip) >= *per_host) return Refusal::HostLimit;
  const auto& most = behaviour_.most_mappings;
  if (most && size() >= *most) return Refusal::TotalLimit;
  return std::nullopt;
}

// Ends the one that was silent for longest of those whose end helps. Looks at all of them: it is
// rare that nothing is left.
bool MappingTable::make_room(const MappingKey& key, Refusal why, Instant now) {
  if (behaviour_.exhaustion != Exhaustion::Evict) return false;
  auto victim = entries_.end();
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (!helps(*entry, key, why)) continue;
    if (victim == entries_.end() || entry->heard < victim->heard) victim = entry;
  }
  if (victim == entries_.end()) return false;
  remove(victim, MappingEnd::Evicted, now);
  return true;
}

bool MappingTable::helps(const MappingEntry& victim, const MappingKey& key, Refusal why) const {
  const bool same_host = victim.key.inside.ip == key.inside.ip;
  switch (why) {
    case Refusal::TotalLimit: return true;
    case Refusal::HostLimit: return same_host;
    case Refusal::NoPort: break;
  }
  // A port that rests is of no use, and neither is one of another block, address or parity.
  if (behaviour_.port_reuse_after > Duration{0}) return false;
  if (victim.key.protocol != key.protocol) return false;
  if (behaviour_.port_block && !same_host) return false;
  const auto only = ports_.address_of(key.inside.ip);
  if (only && victim.outside.ip != *only) return false;
  const auto differs = victim.outside.port.value() ^ key.inside.port.value();
  if (behaviour_.port_parity && key.protocol == ip::Protocol::Udp && (differs & 1u) != 0) {
    return false;
  }
  const bool shares = behaviour_.port_allocation == topology::PortAllocation::Overloading;
  return !shares || victim.key.destination == key.destination;
}

void MappingTable::place(Entries::iterator entry) {
  by_key_.emplace(entry->key, entry);
  by_outside_.emplace(outside_key(entry->key.protocol, entry->outside, entry->first_destination),
                      entry);
  entry->deadline = end_of(*entry);
  deadlines_.emplace(std::pair{entry->deadline, entry->number}, entry);
  assert(by_key_.size() == by_outside_.size() && by_key_.size() == deadlines_.size());
}

void MappingTable::remove(Entries::iterator entry, MappingEnd why, Instant now) {
  report_(*entry, why);
  ports_.release(request_of(entry->key), entry->outside, now);
  by_key_.erase(entry->key);
  by_outside_.erase(outside_key(entry->key.protocol, entry->outside, entry->first_destination));
  deadlines_.erase({entry->deadline, entry->number});
  entries_.erase(entry);
}

// The session with `remote`, begun anew if there is none that still lives.
MappingSession& MappingTable::session_with(MappingEntry& entry, const Endpoint& remote,
                                           Instant now) {
  const auto is_over = [&](const auto& known) {
    return end_of_session(entry, known.second) <= now;
  };
  if (entry.sessions.size() >= entry.swept) {
    std::erase_if(entry.sessions, is_over);
    entry.swept = std::max(entry.swept, 2 * entry.sessions.size());
  }
  const auto [known, is_new] = entry.sessions.try_emplace(remote);
  if (is_new || is_over(*known)) {
    known->second = {.begun = now};
    known->second.ends = now + lifetime(entry.key.protocol, known->second, now);
  }
  return known->second;
}

// Those by which the NAT admits `remote`; where it admits everybody, the one with `remote` itself.
template <class Visit>
void MappingTable::for_each_admitting(MappingEntry& entry, const Endpoint& remote, Instant now,
                                      Visit visit) {
  const auto filtering = behaviour_.filtering_of(transport_of(entry.key.protocol));
  const bool by_address = filtering == Filtering::AddressDependent;
  auto known = entry.sessions.lower_bound(by_address ? Endpoint{remote.ip, Port{0}} : remote);
  for (; known != entry.sessions.end(); ++known) {
    if (by_address ? known->first.ip != remote.ip : known->first != remote) return;
    if (now < end_of_session(entry, known->second)) visit(known->first, known->second);
  }
}

void MappingTable::refresh(MappingEntry& entry, MappingSession& session, Instant now) {
  const auto end = now + lifetime(entry.key.protocol, session, now);
  session.ends = std::max(session.ends, end);
  entry.ends = std::max(entry.ends, end);
}

void MappingTable::note_outbound(MappingEntry& entry, const Endpoint& remote, TcpFlags flags,
                                 Instant now) {
  entry.heard = now;
  if (is_tcp(entry)) return note_tcp(entry, remote, TcpSession::From::Inside, flags, now);
  auto& session = session_with(entry, remote, now);
  if (behaviour_.refresh != Refresh::Inbound) refresh(entry, session, now);
}

void MappingTable::note_inbound(MappingEntry& entry, const Endpoint& remote, TcpFlags flags,
                                Instant now) {
  entry.heard = now;
  if (is_tcp(entry)) return note_tcp(entry, remote, TcpSession::From::Outside, flags, now);
  const bool refreshes = behaviour_.refresh != Refresh::Outbound;
  if (refreshes) entry.ends = std::max(entry.ends, now + lifetime(entry.key.protocol, {}, now));
  for_each_admitting(entry, remote, now, [&](const Endpoint& known, MappingSession& session) {
    if (refreshes) refresh(entry, session, now);
    if (known == remote) session.answered = true;
  });
}

void MappingTable::note_tcp(MappingEntry& entry, const Endpoint& remote, TcpSession::From from,
                            TcpFlags flags, Instant now) {
  session_with(entry, remote, now).tcp.note(from, flags, now, behaviour_.lifetimes);
  if (flags.fin || flags.rst) bring_forward(entry);
}

void MappingTable::bring_forward(MappingEntry& entry) {
  const auto end = end_of(entry);
  const auto placed = deadlines_.find({entry.deadline, entry.number});
  if (placed == deadlines_.end() || end >= entry.deadline) return;
  const auto self = placed->second;
  deadlines_.erase(placed);
  entry.deadline = end;
  deadlines_.emplace(std::pair{end, entry.number}, self);
}

bool MappingTable::admits(const MappingEntry& entry, const Endpoint& remote, Instant now) const {
  const auto alive = [&](const auto& known) { return now < end_of_session(entry, known.second); };
  switch (behaviour_.filtering_of(transport_of(entry.key.protocol))) {
    case Filtering::EndpointIndependent: return true;
    case Filtering::AddressDependent: {
      auto known = entry.sessions.lower_bound({remote.ip, Port{0}});
      while (known != entry.sessions.end() && known->first.ip == remote.ip && !alive(*known)) {
        ++known;
      }
      return known != entry.sessions.end() && known->first.ip == remote.ip;
    }
    case Filtering::AddressAndPortDependent: {
      const auto known = entry.sessions.find(remote);
      return known != entry.sessions.end() && alive(*known);
    }
  }
  __builtin_unreachable();
}

void MappingTable::expire(Instant now) {
  while (!deadlines_.empty() && deadlines_.begin()->first.first <= now) {
    const auto entry = deadlines_.begin()->second;
    const auto end = end_of(*entry);
    if (end <= now) {
      remove(entry, MappingEnd::Lifetime, now);
      continue;
    }
    deadlines_.erase(deadlines_.begin());
    entry->deadline = end;
    deadlines_.emplace(std::pair{end, entry->number}, entry);
  }
}

std::optional<Instant> MappingTable::next_expiry() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first.first;
}

void MappingTable::restart() {
  for (const auto& entry : entries_) report_(entry, MappingEnd::Restart);
  by_key_.clear();
  by_outside_.clear();
  deadlines_.clear();
  entries_.clear();
  ports_ = PortAllocator{behaviour_, addresses_, SeededRng{rng_.next()}};
}

void MappingTable::change(const topology::NatBehaviour& behaviour, std::vector<Ip> addresses) {
  behaviour_ = behaviour;
  addresses_ = std::move(addresses);
  ports_ = PortAllocator{behaviour_, addresses_, SeededRng{rng_.next()}};
  by_key_.clear();
  by_outside_.clear();
  deadlines_.clear();
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (const auto why = take_over(entry)) {
      report_(*entry, *why);
      entry = entries_.erase(entry);
    } else {
      ++entry;
    }
  }
}

std::optional<MappingEnd> MappingTable::take_over(Entries::iterator entry) {
  if (std::ranges::find(addresses_, entry->outside.ip) == addresses_.end()) {
    return MappingEnd::AddressGone;
  }
  entry->key.destination = as_mapped(entry->key.protocol, entry->first_destination);
  const bool fits = !by_key_.contains(entry->key) && !over_limit(entry->key) &&
                    ports_.reserve(request_of(entry->key), entry->outside);
  if (!fits) return MappingEnd::BehaviourChanged;
  place(entry);
  return std::nullopt;
}

}  // namespace rtclab::nat
