// The mappings of a NAT: which inside endpoint shows as which outside port, for whom, and until
// when.
//
// Spec: RFC 4787 §4.1 (mapping), §4.3 (lifetime), §5 (filtering); RFC 5508 §3.2 (ICMP queries),
// RFC 5382 §4.1, §4.3 and §5 (TCP: mapped and filtered alike, but what a mapping admits, and how
// long it lives, follows from the connections that pass through it).
#pragma once

#include "agents/base/time.h"
#include "sim/nat/flow.h"
#include "sim/nat/port_allocator.h"
#include "sim/nat/tcp_session.h"
#include "topologies/topology.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

namespace rtclab::nat {

struct MappingKey {
  ip::Protocol protocol;
  Endpoint inside;
  Endpoint destination;  // only as far as the NAT looks at it when it maps
  friend bool operator==(const MappingKey&, const MappingKey&) = default;
};

struct MappingEntry {
  MappingKey key;
  Endpoint outside;
  Endpoint first_destination;  // whose packet made it
  Instant refreshed;
  // When the inside last sent to whom through this mapping, only as far as the NAT looks when it
  // filters.
  std::unordered_map<Endpoint, Instant> admitted;
  std::map<Endpoint, TcpSession> sessions;  // TCP: by the remote endpoint
  Instant deadline{};                       // where it stands in the table's deadlines
};

class MappingTable {
 public:
  using Expired = std::function<void(const MappingEntry&)>;

  MappingTable(const topology::Nat& nat, SeededRng rng);

  // The mapping of a flow from the inside; nullptr when there is none.
  [[nodiscard]] MappingEntry* find(const Flow& outbound);
  // The mapping behind an outside port; nullptr when there is none.
  [[nodiscard]] MappingEntry* find_outside(ip::Protocol protocol, Port port);
  // Makes the mapping of a flow that has none; nullptr when no port is left.
  [[nodiscard]] MappingEntry* create(const Flow& outbound, Instant now);

  // Notes a packet to `remote` through the mapping, or one from there: starts the lifetimes anew
  // that the NAT's refresh direction lets it. TCP looks at `flags` and is refreshed both ways.
  void note_outbound(MappingEntry& entry, const Endpoint& remote, TcpFlags flags, Instant now);
  void note_inbound(MappingEntry& entry, const Endpoint& remote, TcpFlags flags, Instant now);
  [[nodiscard]] bool admits(const MappingEntry& entry, const Endpoint& remote, Instant now) const;

  // Removes what has outlived its lifetime, the oldest first, and reports each. A mapping lives to
  // the nanosecond: it is there before refreshed + lifetime, and gone at that instant. Every other
  // call relies on expire() having been called for this instant.
  void expire(Instant now, const Expired& report);
  // No mapping ends before this; nullopt when there is none. May be early.
  [[nodiscard]] std::optional<Instant> next_expiry() const;
  [[nodiscard]] std::size_t size() const { return by_key_.size(); }

 private:
  struct KeyHash {
    std::size_t operator()(const MappingKey& key) const noexcept;
  };
  using Deadline = std::tuple<Instant, ip::Protocol, Port>;

  [[nodiscard]] MappingKey key_of(const Flow& outbound) const;
  [[nodiscard]] Endpoint as_filtered(Endpoint remote) const;
  [[nodiscard]] Duration lifetime(ip::Protocol protocol) const;
  [[nodiscard]] Instant end_of(const MappingEntry& entry) const;
  void note_tcp(MappingEntry& entry, const Endpoint& remote, TcpSession::From from, TcpFlags flags,
                Instant now);

  topology::Nat nat_;
  PortAllocator ports_;
  std::unordered_map<MappingKey, std::unique_ptr<MappingEntry>, KeyHash> by_key_;
  std::unordered_map<std::uint32_t, MappingEntry*> by_outside_;
  // One for each mapping. A packet that refreshes it does not move it, expire() looks again; a
  // TCP connection that closes moves it forward.
  std::set<Deadline> deadlines_;
};

}  // namespace rtclab::nat
