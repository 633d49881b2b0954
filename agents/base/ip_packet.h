// IP packets with UDP, TCP or ICMP inside: the part of them that hosts, NATs and the reader of
// captures share.
//
// Spec: RFC 791 (IPv4), RFC 8200 (IPv6), RFC 768 (UDP), RFC 792 and RFC 4443 (ICMP).
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace rtclab::ip {

enum class Protocol : std::uint8_t { Icmp = 1, Tcp = 6, Udp = 17, IcmpV6 = 58, Sctp = 132 };

struct Header {
  Ip source;
  Ip destination;
  Protocol protocol = Protocol::Udp;  // IPv6: after the extension headers
  std::uint8_t hop_limit = 64;
  std::uint16_t identification = 0;   // IPv4 only
  std::uint16_t fragment_offset = 0;  // in octets
  bool more_fragments = false;
  std::size_t header_size = 0;  // octets before the payload
  std::size_t total_size = 0;   // octets of the packet; link padding behind it is not counted

  // Checks the version, the lengths and the IPv4 header checksum.
  [[nodiscard]] static Result<Header> parse(ByteView packet);
  [[nodiscard]] ByteView payload(ByteView packet) const {
    return packet.subspan(header_size, total_size - header_size);
  }
  [[nodiscard]] bool is_fragment() const { return fragment_offset != 0 || more_fragments; }
};

// The destination of an IP packet, without judging the rest of it.
[[nodiscard]] std::optional<Ip> destination_of(ByteView packet);

struct UdpView {
  Endpoint source;
  Endpoint destination;
  ByteView payload;
};

// Parses the UDP header behind `header` and checks length and checksum (IPv4 checksum 0 means
// unused). Precondition: header.protocol is Udp and the packet is not a fragment.
[[nodiscard]] Result<UdpView> parse_udp(const Header& header, ByteView packet);

// What a packet holds above the IP header when it is handed down by a host.
struct Envelope {
  Ip source;
  Ip destination;
  Protocol protocol = Protocol::Udp;
  std::uint16_t identification = 0;
  std::uint8_t hop_limit = 64;
};

// The IP header before `payload`, whose transport checksum must already be right. Both addresses of
// one family.
[[nodiscard]] Bytes build(const Envelope& envelope, ByteView payload);
// The UDP header, its checksum right, and `payload`: what stands above the IP header.
[[nodiscard]] Bytes build_udp_segment(const Endpoint& source, const Endpoint& destination,
                                      ByteView payload);
[[nodiscard]] Bytes build_udp(const Endpoint& source, const Endpoint& destination, ByteView payload,
                              std::uint16_t identification);

// The checksum of a transport segment with its pseudo-header (RFC 768, RFC 9293 §3.1, RFC 8200
// §8.1); the checksum field inside `segment` counts as it stands. 0 for a segment whose checksum is
// right.
[[nodiscard]] std::uint16_t transport_checksum(const Ip& source, const Ip& destination,
                                               Protocol protocol, ByteView segment);

}  // namespace rtclab::ip
