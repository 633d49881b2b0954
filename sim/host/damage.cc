#include "sim/host/damage.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_packet.h"

namespace rtclab::sim {
namespace {

constexpr Rule kTcp{9293, "3.1"};
constexpr Rule kIcmp{1122, "3.2.2"};
constexpr Rule kIcmpV6{4443, "2.3"};

// Where the checksum stands in the segment.
constexpr std::size_t kTcpChecksum = 16;
constexpr std::size_t kIcmpChecksum = 2;

std::optional<ParseError> bad_checksum(const ip::Header& header, std::size_t offset, Rule rule) {
  return ParseError{Flaw::BadChecksum, header.header_size + offset, rule};
}

std::uint16_t with_addresses(const ip::Header& header, ByteView segment) {
  return ip::transport_checksum(header.source, header.destination, header.protocol, segment);
}

}  // namespace

std::optional<ParseError> damage_of(ByteView packet) {
  const auto header = ip::Header::parse(packet);
  if (!header) return header.error();
  if (header->is_fragment()) return std::nullopt;
  const auto segment = header->payload(packet);
  switch (header->protocol) {
    case ip::Protocol::Udp: {
      const auto udp = ip::parse_udp(*header, packet);
      return udp ? std::nullopt : std::optional{udp.error()};
    }
    case ip::Protocol::Tcp:
      if (with_addresses(*header, segment) == 0) return std::nullopt;
      return bad_checksum(*header, kTcpChecksum, kTcp);
    case ip::Protocol::Icmp:
      if (checksum_close(checksum_add(0, segment)) == 0) return std::nullopt;
      return bad_checksum(*header, kIcmpChecksum, kIcmp);
    case ip::Protocol::IcmpV6:
      if (with_addresses(*header, segment) == 0) return std::nullopt;
      return bad_checksum(*header, kIcmpChecksum, kIcmpV6);
    case ip::Protocol::Sctp: return std::nullopt;  // nobody speaks it without DTLS here
  }
  return std::nullopt;  // a protocol that no host of ours speaks
}

}  // namespace rtclab::sim
