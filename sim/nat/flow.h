// Who talks to whom in an IP packet, and changing that of an IPv4 packet in place with the
// checksums kept right.
//
// Spec: RFC 791, RFC 8200 §3, RFC 768, RFC 9293 §3.1, RFC 792 and RFC 4443 §4 (echo), RFC 1624
// (incremental checksums).
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/ip_packet.h"
#include "sim/nat/tcp_session.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace rtclab::nat {

// An ICMP query has an identifier instead of ports (RFC 5508 §3.1): it stands as the port of the
// side that asked, and the other port is 0.
struct Flow {
  ip::Protocol protocol = ip::Protocol::Udp;
  Endpoint source;
  Endpoint destination;
  std::size_t header_size = 0;
  TcpFlags flags{};  // of TCP, as far as the packet is there

  // Reads what is needed and no more, so that it also serves for the head of a packet that an ICMP
  // error quotes. Of a fragment it wants the first; of IPv6 extension headers it reads the one that
  // says so (RFC 8200 §4.5), and refuses the others. nullopt for what has neither ports nor an
  // identifier.
  [[nodiscard]] static std::optional<Flow> of(ByteView packet);
};

enum class End { Source, Destination };

// Puts another endpoint into the packet. A transport checksum that lies behind the end of a quoted
// packet is left alone. Precondition: `flow` is Flow::of(packet).
void rewrite(std::span<std::byte> packet, const Flow& flow, End end, const Endpoint& to);
// The same for the address alone.
void rewrite_address(std::span<std::byte> packet, End end, const Ip& to);
// Precondition: the packet is a whole IP packet whose hop limit is above 0.
void lower_hop_limit(std::span<std::byte> packet);

[[nodiscard]] std::string_view protocol_name(
    ip::Protocol protocol);  // "udp", "tcp", "icmp" (of both families), "other"

}  // namespace rtclab::nat
