#include "agents/base/ip_packet.h"

#include "agents/base/checksum.h"

#include <cassert>

namespace rtclab::ip {
namespace {

constexpr Rule kV4Rule{791, "3.1"};
constexpr Rule kV6Rule{8200, "3"};
constexpr Rule kUdpRule{768, "1"};
constexpr std::size_t kV4Size = 20;
constexpr std::size_t kV6Size = 40;

Ip take_v6(ByteReader& reader) {
  Ip ip;
  for (auto& octet : ip.octets) octet = reader.u8();
  return ip;
}

void put(ByteWriter& writer, const Ip& ip) {
  if (ip.is_v4()) {
    writer.u32(ip.v4_number());
  } else {
    for (const auto octet : ip.octets) writer.u8(octet);
  }
}

std::uint32_t add_address(std::uint32_t sum, const Ip& ip) {
  if (ip.is_v4()) return sum + (ip.v4_number() >> 16u) + (ip.v4_number() & 0xffffu);
  return checksum_add(sum, std::as_bytes(std::span{ip.octets}));
}

Result<Header> parse_v4(ByteView packet) {
  if (packet.size() < kV4Size) return fail(Flaw::Truncated, packet.size(), kV4Rule);
  ByteReader reader{packet};
  Header header;
  header.header_size = std::size_t{reader.u8() & 15u} * 4;
  reader.skip(1);
  header.total_size = reader.u16();
  header.identification = reader.u16();
  const auto fragment = reader.u16();
  header.more_fragments = (fragment & 0x2000u) != 0;
  header.fragment_offset = static_cast<std::uint16_t>((fragment & 0x1fffu) * 8);
  header.hop_limit = reader.u8();
  header.protocol = Protocol{reader.u8()};
  reader.skip(2);
  header.source = Ip::v4(reader.u32());
  header.destination = Ip::v4(reader.u32());
  if (header.header_size < kV4Size || header.header_size > header.total_size) {
    return fail(Flaw::BadLength, 0, kV4Rule);
  }
  if (header.total_size > packet.size()) return fail(Flaw::Truncated, packet.size(), kV4Rule);
  if (checksum_close(checksum_add(0, packet.first(header.header_size))) != 0) {
    return fail(Flaw::BadChecksum, 10, kV4Rule);
  }
  return header;
}

// Extension headers that may stand before the transport header: RFC 8200 §4 (hop-by-hop, routing,
// fragment, destination options).
bool is_extension(std::uint8_t next) {
  return next == 0 || next == 43 || next == 44 || next == 60;
}

Result<Header> parse_v6(ByteView packet) {
  if (packet.size() < kV6Size) return fail(Flaw::Truncated, packet.size(), kV6Rule);
  ByteReader reader{packet};
  reader.skip(4);
  Header header;
  header.total_size = kV6Size + reader.u16();
  auto next = reader.u8();
  header.hop_limit = reader.u8();
  header.source = take_v6(reader);
  header.destination = take_v6(reader);
  if (header.total_size > packet.size()) return fail(Flaw::Truncated, packet.size(), kV6Rule);
  while (is_extension(next)) {
    const bool fragment = next == 44;
    next = reader.u8();
    const auto length = reader.u8();
    if (fragment) {
      const auto offset = reader.u16();
      header.fragment_offset = offset & 0xfff8u;
      header.more_fragments = (offset & 1u) != 0;
      header.identification = static_cast<std::uint16_t>(reader.u32());
    } else {
      reader.skip(6 + std::size_t{length} * 8);
    }
    if (!reader.ok() || reader.offset() > header.total_size) {
      return fail(Flaw::Truncated, packet.size(), kV6Rule);
    }
  }
  header.protocol = Protocol{next};
  header.header_size = reader.offset();
  return header;
}

}  // namespace

Result<Header> Header::parse(ByteView packet) {
  if (packet.empty()) return fail(Flaw::Truncated, 0, kV4Rule);
  switch (std::to_integer<unsigned>(packet.front()) >> 4u) {
    case 4: return parse_v4(packet);
    case 6: return parse_v6(packet);
    default: return fail(Flaw::BadValue, 0, kV4Rule);
  }
}

std::optional<Ip> destination_of(ByteView packet) {
  ByteReader reader{packet};
  const auto version = reader.u8() >> 4u;
  if (version != 4 && version != 6) return std::nullopt;
  reader.skip(version == 4 ? 15 : 23);
  const auto destination = version == 4 ? Ip::v4(reader.u32()) : take_v6(reader);
  return reader.ok() ? std::optional{destination} : std::nullopt;
}

Result<UdpView> parse_udp(const Header& header, ByteView packet) {
  assert(header.protocol == Protocol::Udp && !header.is_fragment());
  const auto segment = header.payload(packet);
  if (segment.size() < 8) return fail(Flaw::Truncated, packet.size(), kUdpRule);
  ByteReader reader{segment};
  const Port source{reader.u16()};
  const Port destination{reader.u16()};
  const std::size_t length = reader.u16();
  const auto checksum = reader.u16();
  if (length < 8 || length > segment.size())
    return fail(Flaw::BadLength, header.header_size + 4, kUdpRule);
  const auto datagram = segment.first(length);
  if (checksum != 0 &&
      transport_checksum(header.source, header.destination, Protocol::Udp, datagram) != 0) {
    return fail(Flaw::BadChecksum, header.header_size + 6, kUdpRule);
  }
  return UdpView{{header.source, source}, {header.destination, destination}, datagram.subspan(8)};
}

Bytes build(const Envelope& envelope, ByteView payload) {
  assert(envelope.source.family() == envelope.destination.family());
  if (!envelope.source.is_v4()) {
    ByteWriter writer{kV6Size + payload.size()};
    writer.u32(0x60000000u).u16(payload.size());
    writer.u8(static_cast<std::uint8_t>(envelope.protocol)).u8(envelope.hop_limit);
    put(writer, envelope.source);
    put(writer, envelope.destination);
    return writer.octets(payload).take();
  }
  ByteWriter writer{kV4Size + payload.size()};
  writer.u8(0x45).u8(0).u16(kV4Size + payload.size());
  writer.u16(envelope.identification).u16(0);
  writer.u8(envelope.hop_limit).u8(static_cast<std::uint8_t>(envelope.protocol)).u16(0);
  put(writer, envelope.source);
  put(writer, envelope.destination);
  writer.patch_u16(10, checksum_close(checksum_add(0, writer.view())));
  return writer.octets(payload).take();
}

Bytes build_udp_segment(const Endpoint& source, const Endpoint& destination, ByteView payload) {
  ByteWriter segment{8 + payload.size()};
  segment.u16(source.port.value()).u16(destination.port.value()).u16(8 + payload.size()).u16(0);
  segment.octets(payload);
  const auto checksum =
      transport_checksum(source.ip, destination.ip, Protocol::Udp, segment.view());
  segment.patch_u16(6, checksum == 0 ? 0xffffu : checksum);  // RFC 768: 0 means "no checksum"
  return segment.take();
}

Bytes build_udp(const Endpoint& source, const Endpoint& destination, ByteView payload,
                std::uint16_t identification) {
  return build({source.ip, destination.ip, Protocol::Udp, identification},
               build_udp_segment(source, destination, payload));
}

std::uint16_t transport_checksum(const Ip& source, const Ip& destination, Protocol protocol,
                                 ByteView segment) {
  // The pseudo-header: both addresses, the length, the protocol.
  auto sum = static_cast<std::uint32_t>(segment.size()) + static_cast<std::uint8_t>(protocol);
  sum = add_address(add_address(sum, source), destination);
  return checksum_close(checksum_add(sum, segment));
}

}  // namespace rtclab::ip
