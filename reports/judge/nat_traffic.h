// What a NAT did with packets, told from what was captured on its two sides.
//
// A packet keeps its identity through the NAT (in a recording its payload and its IPv4
// identification tell), so that each passage is one packet before and after. What the NAT was
// declared to be stands in the trace (nat:declared); a recording has no declaration.
#pragma once

#include "reports/evidence/evidence.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::judge {

enum class NatProtocol : std::uint8_t { Udp, Tcp, IcmpQuery };
[[nodiscard]] std::string_view to_string(NatProtocol protocol);  // "UDP", "TCP", "ICMP query"

// The terms of one nat:declared, as it stands in the trace.
struct NatDeclaration {
  const evidence::TraceEvent* event = nullptr;

  [[nodiscard]] Duration since() const { return event->at; }
  [[nodiscard]] std::string term(std::string_view name) const { return event->text(name); }
  // Of TCP where it has a word of its own: "mapping" or "tcp_mapping".
  [[nodiscard]] std::string term(std::string_view name, NatProtocol protocol) const;
  [[nodiscard]] bool is(std::string_view name) const { return term(name) == "true"; }
  [[nodiscard]] Duration lifetime(std::string_view name) const;  // "udp", "tcp_established", …
};

// A packet that is of a flow: UDP, TCP, an ICMP query or its reply.
struct NatPassage {
  enum class Way : std::uint8_t {
    Out,      // from the inside to somewhere else
    In,       // from the outside
    Hairpin,  // from the inside to an outside address of the NAT
  };
  Way way = Way::Out;
  NatProtocol protocol = NatProtocol::Udp;
  const evidence::Packet* arrived = nullptr;
  const evidence::Packet* left = nullptr;  // nullptr: it went no further
  Endpoint inside;                         // Out, Hairpin: the sender. In: who got it, if it left
  Endpoint outside;  // Out: how it left, if it did. In, Hairpin: what it was sent to
  Endpoint remote;   // Out: whom it is for. In: who sent it. Hairpin: its source, if it left

  // What went out before. Indices into NatTraffic::passages, only of what left.
  // Out: by the same inside endpoint to another remote one, and to the same.
  std::optional<std::size_t> before_elsewhere, before_here;
  // In, Hairpin: by the mapping, by it to this remote endpoint, by it to this remote address.
  std::optional<std::size_t> mapping, to_remote, to_address;
  // All: the first and the last that went in through the mapping before this.
  std::optional<std::size_t> last_in;
  // The first of the mapping's packets out, as long as it was used without a pause of two minutes.
  // Of what goes out: of the mapping that the same flow had before.
  std::optional<std::size_t> mapping_begun;

  [[nodiscard]] Duration at() const { return arrived->at; }
  [[nodiscard]] bool passed() const { return left != nullptr; }
  [[nodiscard]] bool is_syn() const;  // the first of a connection
  [[nodiscard]] bool is_rst() const;
};

// What an ICMP error quotes of the packet that it is about. RFC 792.
struct Quoted {
  std::uint8_t type = 0, code = 0;
  bool sound = false;  // the checksum of the message is right
  NatProtocol protocol = NatProtocol::Udp;
  Endpoint source, destination;  // an ICMP query has its identifier at the side that asked
  bool header_sound = false;     // the checksum of the quoted IPv4 header is right
};
// nullopt when the packet is no ICMP error over IPv4, or cut.
[[nodiscard]] std::optional<Quoted> quoted_in(const evidence::Packet& packet);

struct NatError {
  NatPassage::Way way = NatPassage::Way::In;
  const evidence::Packet* arrived = nullptr;
  const evidence::Packet* left = nullptr;
  Quoted before;                // as it arrived
  std::optional<Quoted> after;  // as it left
  // In, Hairpin: the last packet out that it can be about.
  std::optional<std::size_t> about;
};

struct NatTraffic {
  std::string name;
  std::vector<NatDeclaration> declarations;  // in their order; none in a recording
  std::vector<NatPassage> passages;          // in the order of their arrival
  std::vector<NatError> errors;              // likewise
  std::vector<const evidence::Packet*> own;  // what the NAT sent by itself
  std::vector<Ip> outside_addresses;         // those that mappings showed

  // What it was declared to be then; nullptr where nothing was.
  [[nodiscard]] const NatDeclaration* declared_at(Duration at) const;
  // Whether it was one and the same NAT all the time between: neither changed nor started anew,
  // nor at these very instants, for who was first there nobody knows.
  [[nodiscard]] bool is_steady(Duration from, Duration to) const;
  std::vector<Duration> upheavals;  // when it was changed or started anew
};

// One for each of Evidence::nats.
[[nodiscard]] std::vector<NatTraffic> nat_traffic(const evidence::Evidence& evidence);

}  // namespace rtclab::judge
