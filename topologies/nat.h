// How a NAT or a firewall treats packets, as plain values in the RFCs' own terms.
//
// Spec: RFC 4787 (UDP), RFC 5382 (TCP), RFC 5508 (ICMP), RFC 7857 (updates to the three), RFC 6888
// (carrier-grade NATs), RFC 6092 (firewalls for IPv6).
// The defaults are a NAT that keeps every MUST of RFC 4787 and RFC 5382 but hairpinning, with the
// strictest filter; docs/nats.md says what each word means, and which presets stand for what.
#pragma once

#include "agents/base/address.h"
#include "agents/base/time.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace rtclab::topology {

struct PortRange {
  Port first;
  Port last;  // inclusive
  friend bool operator==(const PortRange&, const PortRange&) = default;
};

// RFC 4787 §4.1: when two destinations see the same outside port. Printed EIM, ADM, APDM.
enum class Mapping { EndpointIndependent, AddressDependent, AddressAndPortDependent };
// RFC 4787 §5: who may send to a mapping. Printed EIF, ADF, APDF.
enum class Filtering { EndpointIndependent, AddressDependent, AddressAndPortDependent };
// RFC 4787 §4.1, REQ-2: of several outside addresses, whether an inside host has one for all its
// mappings or each mapping draws its own.
enum class Pooling { Paired, Arbitrary };
// RFC 4787 §4.2: the outside port of a new mapping.
enum class PortAllocation {
  Preserving,   // the inside port or, when it is taken, the next free one
  Overloading,  // the inside port even when it is taken, as long as no two mappings with that port
                // talk to the same destination (RFC 7857 §3); then the next such port
  Sequential,   // counts up
  Random,       // drawn
};
// What takes the place of an inside port that cannot be kept.
enum class Collision {
  Next,    // the next free one
  Random,  // one that is drawn, as RFC 7857 §9 and Linux have it
};
// RFC 4787 §4.3, REQ-6: which packets start a mapping's lifetime anew.
enum class Refresh { Outbound, Inbound, Both };
// RFC 4787 §6: whether two inside hosts can talk over outside addresses, and what source the
// receiver sees: the sender's inside endpoint or, as REQ-9 asks, its mapping.
enum class Hairpinning { None, InternalSource, ExternalSource };
// RFC 5382 §4.3, REQ-4: the answer to a SYN from outside that belongs to nothing.
enum class UnsolicitedSyn {
  Silent,  // none, ever
  Icmp,    // port unreachable after six seconds, unless the inside has sent a SYN by then
  Reset,   // RST at once, which breaks simultaneous opens
};
// RFC 4787 §11, REQ-14: what becomes of fragments.
enum class Fragments {
  Dropped,
  InOrder,     // pass behind their first one
  OutOfOrder,  // those that come before the first one wait for it
};
// When no port is left, or the limit of mappings is reached.
enum class Exhaustion {
  Icmp,             // the packet is dropped and its sender told with 3/13: RFC 5508 REQ-8
  HostUnreachable,  // the same with 3/1, which makes no TCP give up: RFC 6888 REQ-11
  Silent,           // the packet is dropped
  Evict,            // the mapping that was silent for longest makes room
};

// For how long a NAT or firewall remembers what nothing refreshes.
struct Lifetimes {
  Duration udp = std::chrono::minutes{5};  // RFC 4787 REQ-5: 5 min or more recommended
  // UDP that was answered, from `udp_answered_after` its first packet on; nullopt: as `udp`.
  std::optional<Duration> udp_answered{};
  Duration udp_answered_after{0};
  Duration icmp = std::chrono::seconds{60};               // RFC 5508 REQ-2
  Duration tcp_opening = std::chrono::seconds{240};       // RFC 5382 REQ-5: transitory
  Duration tcp_established = std::chrono::seconds{7440};  // the same: 2 h 4 min
  Duration tcp_closing = std::chrono::seconds{240};       // both sides have sent FIN
  Duration tcp_reset = std::chrono::seconds{240};         // RFC 7857 §2.2
  // One side has sent FIN; nullopt: as `tcp_established`, which is what RFC 7857 §2 has.
  std::optional<Duration> tcp_half_closed{};
  friend bool operator==(const Lifetimes&, const Lifetimes&) = default;
};

// A transport, and a destination port of it; without a port all of them.
struct Service {
  Transport transport;
  std::optional<Port> port{};
  friend bool operator==(const Service&, const Service&) = default;
};

// What may pass at all, whoever has spoken to whom.
struct Policy {
  std::vector<Transport> blocks{};  // passes in neither direction, in either family
  // What the inside may begin towards the outside, by the destination; empty: everything.
  std::vector<Service> allows{};
  friend bool operator==(const Policy&, const Policy&) = default;
};

struct NatBehaviour {
  // Of UDP and ICMP queries, and of TCP unless the next two say otherwise.
  Mapping mapping = Mapping::EndpointIndependent;
  Filtering filtering = Filtering::AddressAndPortDependent;
  std::optional<Mapping> tcp_mapping{};
  std::optional<Filtering> tcp_filtering{};

  Pooling pooling = Pooling::Paired;
  PortAllocation port_allocation = PortAllocation::Preserving;
  Collision collision = Collision::Next;     // of Preserving and Overloading
  PortRange ports{Port{1024}, Port{65535}};  // what allocation chooses from
  bool port_parity = false;                  // RFC 4787 §4.2.2: even stays even, odd stays odd
  // RFC 4787 §4.2.3: the mapping of an odd port is next to that of the even one below it, where
  // that exists and the port is free.
  bool port_contiguity = false;
  // RFC 6888 §2: each inside host has blocks of so many consecutive ports to itself, and a further
  // one when they are used up; nullopt: all share all.
  std::optional<std::uint16_t> port_block{};
  // RFC 6888 REQ-8: for how long a port that was given back is given to nobody. Not of Overloading.
  Duration port_reuse_after{0};
  std::optional<std::size_t> mappings_per_host{};  // RFC 6888 REQ-4; nullopt: no limit
  std::optional<std::size_t> most_mappings{};      // of all hosts together
  Exhaustion exhaustion = Exhaustion::Icmp;

  Lifetimes lifetimes{};
  Refresh refresh = Refresh::Outbound;
  Hairpinning hairpinning = Hairpinning::None;
  UnsolicitedSyn unsolicited_syn = UnsolicitedSyn::Silent;
  Fragments fragments = Fragments::OutOfOrder;
  bool translates_icmp_errors = true;  // RFC 5508 REQ-4 and REQ-5; else they are dropped
  Policy policy{};
  friend bool operator==(const NatBehaviour&, const NatBehaviour&) = default;

  [[nodiscard]] Mapping mapping_of(Transport transport) const {
    return transport == Transport::Tcp ? tcp_mapping.value_or(mapping) : mapping;
  }
  [[nodiscard]] Filtering filtering_of(Transport transport) const {
    return transport == Transport::Tcp ? tcp_filtering.value_or(filtering) : filtering;
  }
};

// Lets out what its policy allows, and in what belongs to what went out. Changes no address.
struct FirewallRules {
  Filtering filtering = Filtering::AddressAndPortDependent;
  std::optional<Filtering> tcp_filtering{};  // nullopt: as `filtering`
  Lifetimes lifetimes{};
  UnsolicitedSyn unsolicited_syn = UnsolicitedSyn::Silent;
  Policy policy{};
  friend bool operator==(const FirewallRules&, const FirewallRules&) = default;

  [[nodiscard]] Filtering filtering_of(Transport transport) const {
    return transport == Transport::Tcp ? tcp_filtering.value_or(filtering) : filtering;
  }
};
// What a NAT that does not translate a family is to that family (RFC 6092 §2.2).
[[nodiscard]] FirewallRules firewall_rules_of(const NatBehaviour& nat);

// As files and reports write them: "EIM", "APDF", "paired", "preserving", "outbound", "none", …
[[nodiscard]] std::string_view to_string(Mapping mapping);
[[nodiscard]] std::string_view to_string(Filtering filtering);
[[nodiscard]] std::string_view to_string(Pooling pooling);
[[nodiscard]] std::string_view to_string(PortAllocation allocation);
[[nodiscard]] std::string_view to_string(Collision collision);
[[nodiscard]] std::string_view to_string(Refresh refresh);
[[nodiscard]] std::string_view to_string(Hairpinning hairpinning);
[[nodiscard]] std::string_view to_string(UnsolicitedSyn answer);
[[nodiscard]] std::string_view to_string(Fragments fragments);
[[nodiscard]] std::string_view to_string(Exhaustion exhaustion);

}  // namespace rtclab::topology
