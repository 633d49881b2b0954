// The mappings of a NAT: which inside endpoint shows as which outside endpoint, for whom, and until
// when.
//
// Spec: RFC 4787 §4.1 (mapping), §4.3 (lifetime), §5 (filtering); RFC 5508 §3.2 (ICMP queries),
// RFC 5382 §4.1, §4.3 and §5 (TCP: mapped and filtered alike, but what a mapping admits, and how
// long it lives, follows from the connections that pass through it); RFC 7857 §5 and §6 (UDP and
// TCP of one port have nothing to do with each other).
#pragma once

#include "agents/base/time.h"
#include "sim/nat/flow.h"
#include "sim/nat/port_allocator.h"
#include "sim/nat/tcp_session.h"
#include "topologies/nat.h"

#include <tl/expected.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace rtclab::nat {

struct MappingKey {
  ip::Protocol protocol;
  Endpoint inside;
  Endpoint destination;  // only as far as the NAT looks at it when it maps
  friend bool operator==(const MappingKey&, const MappingKey&) = default;
};

// That the inside has sent to somebody through a mapping.
struct MappingSession {
  Instant begun{};
  Instant ends{};         // nothing is admitted from then on; of TCP see `tcp`
  bool answered = false;  // something came back
  TcpSession tcp{};
};

struct MappingEntry {
  MappingKey key;
  Endpoint outside;
  Endpoint first_destination;  // whose packet made it
  std::uint64_t number;        // counts the mappings of a NAT
  Instant heard;               // when a packet last passed
  Instant ends;                // of UDP and ICMP
  std::map<Endpoint, MappingSession> sessions;
  std::size_t swept = 16;  // so many sessions are looked through for old ones
  Instant deadline{};      // where it stands in the table's deadlines
};

// Why a mapping ended. Printed lifetime, evicted, restart, address, behaviour.
enum class MappingEnd { Lifetime, Evicted, Restart, AddressGone, BehaviourChanged };
[[nodiscard]] std::string_view to_string(MappingEnd why);

// Why a flow gets no mapping: RFC 6888 REQ-4 and REQ-11.
enum class Refusal { NoPort, HostLimit, TotalLimit };

class MappingTable {
 public:
  using Ended = std::function<void(const MappingEntry&, MappingEnd)>;

  // `addresses` are those of the outside; not empty.
  MappingTable(const topology::NatBehaviour& behaviour, std::vector<Ip> addresses, SeededRng rng,
               Ended report);
  MappingTable(const MappingTable&) = delete;
  MappingTable& operator=(const MappingTable&) = delete;

  // The mapping of a flow from the inside; nullptr when there is none.
  [[nodiscard]] MappingEntry* find(const Flow& outbound);
  // The mapping that shows as `outside` to `remote`; nullptr when there is none.
  [[nodiscard]] MappingEntry* find_outside(ip::Protocol protocol, const Endpoint& outside,
                                           const Endpoint& remote);
  // Makes the mapping of a flow that has none. The policy for exhaustion may end another one.
  [[nodiscard]] tl::expected<MappingEntry*, Refusal> create(const Flow& outbound, Instant now);

  // Notes a packet to `remote` through the mapping, or one from there: starts the lifetimes anew
  // that the NAT's refresh direction lets it. TCP looks at `flags` and is refreshed both ways.
  void note_outbound(MappingEntry& entry, const Endpoint& remote, TcpFlags flags, Instant now);
  void note_inbound(MappingEntry& entry, const Endpoint& remote, TcpFlags flags, Instant now);
  [[nodiscard]] bool admits(const MappingEntry& entry, const Endpoint& remote, Instant now) const;

  // Removes what has outlived its lifetime, the oldest first, and reports each. A mapping lives to
  // the nanosecond: it is there before its end, and gone at that instant. Every other call relies
  // on expire() having been called for this instant.
  void expire(Instant now);
  // No mapping ends before this; nullopt when there is none. May be early.
  [[nodiscard]] std::optional<Instant> next_expiry() const;
  [[nodiscard]] std::size_t size() const { return by_key_.size(); }

  // Ends all, and forgets where it had got to in handing out ports.
  void restart();
  // From now on it behaves so. A mapping stays if the NAT could have made it in this way for its
  // first destination and nothing older is in its place; the others end.
  void change(const topology::NatBehaviour& behaviour, std::vector<Ip> addresses);

 private:
  using Entries = std::list<MappingEntry>;
  struct OutsideKey {
    ip::Protocol protocol;
    Endpoint outside;
    Endpoint destination;  // where ports are shared
    friend bool operator==(const OutsideKey&, const OutsideKey&) = default;
  };
  struct Hash {
    std::size_t operator()(const MappingKey& key) const noexcept;
    std::size_t operator()(const OutsideKey& key) const noexcept;
  };

  [[nodiscard]] Endpoint as_mapped(ip::Protocol protocol, const Endpoint& destination) const;
  [[nodiscard]] OutsideKey outside_key(ip::Protocol protocol, const Endpoint& outside,
                                       const Endpoint& remote) const;
  [[nodiscard]] PortAllocator::Request request_of(const MappingKey& key) const;
  [[nodiscard]] Duration lifetime(ip::Protocol protocol, const MappingSession& session,
                                  Instant now) const;
  [[nodiscard]] Instant end_of(const MappingEntry& entry) const;

  [[nodiscard]] std::optional<Refusal> over_limit(const MappingKey& key) const;
  [[nodiscard]] bool make_room(const MappingKey& key, Refusal why, Instant now);
  [[nodiscard]] bool helps(const MappingEntry& victim, const MappingKey& key, Refusal why) const;
  void place(Entries::iterator entry);
  [[nodiscard]] std::optional<MappingEnd> take_over(Entries::iterator entry);
  void remove(Entries::iterator entry, MappingEnd why, Instant now);

  template <class Visit>
  void for_each_admitting(MappingEntry& entry, const Endpoint& remote, Instant now, Visit visit);
  MappingSession& session_with(MappingEntry& entry, const Endpoint& remote, Instant now);
  void refresh(MappingEntry& entry, MappingSession& session, Instant now);
  void note_tcp(MappingEntry& entry, const Endpoint& remote, TcpSession::From from, TcpFlags flags,
                Instant now);
  void bring_forward(MappingEntry& entry);

  topology::NatBehaviour behaviour_;
  std::vector<Ip> addresses_;
  SeededRng rng_;
  Ended report_;
  PortAllocator ports_;
  Entries entries_;  // in the order in which they were made
  std::unordered_map<MappingKey, Entries::iterator, Hash> by_key_;
  std::unordered_map<OutsideKey, Entries::iterator, Hash> by_outside_;
  // One for each mapping, by its number. A packet that refreshes it does not move it, expire()
  // looks again; a TCP connection that closes moves it forward.
  std::map<std::pair<Instant, std::uint64_t>, Entries::iterator> deadlines_;
  std::uint64_t made_ = 0;
};

}  // namespace rtclab::nat
