#include "reports/evidence/frame.h"

#include "agents/base/checksum.h"
#include "agents/base/octets_at.h"

#include <algorithm>

namespace rtclab::evidence {
namespace {

enum LinkType : unsigned {
  kNull = 0,  // BSD loopback: four octets of address family in the writer's byte order
  kEthernet = 1,
  kRawBsd = 12,
  kRawOpenBsd = 14,
  kRaw = 101,
  kLoop = 108,  // as kNull, in network order
  kLinuxCooked = 113,
  kIpv4 = 228,
  kIpv6 = 229,
  kLinuxCooked2 = 276,
};

constexpr std::uint16_t kEtherIpv4 = 0x0800;
constexpr std::uint16_t kEtherIpv6 = 0x86dd;
constexpr std::uint16_t kEtherVlan = 0x8100;
constexpr std::uint16_t kEtherProviderVlan = 0x88a8;

std::optional<ByteView> behind_ether_type(ByteView frame, std::size_t header, std::size_t type_at) {
  ByteReader reader{frame};
  reader.skip(type_at);
  auto type = reader.u16();
  reader.skip(header - type_at - 2);
  while (reader.ok() && (type == kEtherVlan || type == kEtherProviderVlan)) {
    reader.skip(2);
    type = reader.u16();
  }
  if (!reader.ok() || (type != kEtherIpv4 && type != kEtherIpv6)) return std::nullopt;
  return reader.rest();
}

std::optional<ByteView> behind(ByteView frame, std::size_t header) {
  if (frame.size() <= header) return std::nullopt;
  const auto version = std::to_integer<unsigned>(frame[header]) >> 4u;
  if (version != 4 && version != 6) return std::nullopt;
  return frame.subspan(header);
}

// A copy that ip::Header::parse() accepts: octets cut by the snap length as zeros, the IPv4 header
// checksum as it ought to be.
Bytes mended(ByteView packet) {
  Bytes copy{packet.begin(), packet.end()};
  if (copy.size() < 20) return copy;
  ByteReader reader{packet};
  const auto first = reader.u8();
  reader.skip(1);
  const bool v4 = first >> 4u == 4;
  const std::size_t header = v4 ? (first & 15u) * 4u : 40u;
  const auto v4_length = reader.u16();
  const auto v6_length = reader.u16();
  // A length of 0 is what the kernel shows of a segment that the network card is to cut up.
  const std::size_t total = v4 ? v4_length : 40u + v6_length;
  if (total > copy.size()) copy.resize(total);
  if (v4 && header >= 20 && header <= copy.size()) {
    if (v4_length == 0) set_u16_at(copy, 2, copy.size());
    set_u16_at(copy, 10, 0);
    set_u16_at(copy, 10, checksum_close(checksum_add(0, ByteView{copy}.first(header))));
  }
  return copy;
}

Bytes copy_of(ByteView view) {
  return {view.begin(), view.end()};
}

void read_udp(Packet& packet, ByteView segment) {
  ByteReader reader{segment};
  packet.source.port = Port{reader.u16()};
  packet.destination.port = Port{reader.u16()};
  const std::size_t length = reader.u16();
  reader.skip(2);
  const auto payload = reader.rest();
  packet.payload = copy_of(payload.first(std::min(payload.size(), length < 8 ? 0 : length - 8)));
  packet.dissection = dissect_udp(packet.source, packet.destination, packet.payload);
}

void read_tcp(Packet& packet, ByteView segment) {
  ByteReader reader{segment};
  TcpSegment tcp;
  packet.transport = Transport::Tcp;
  packet.dissection.kind = Kind::Tcp;
  packet.source.port = Port{reader.u16()};
  packet.destination.port = Port{reader.u16()};
  tcp.sequence = reader.u32();
  tcp.acknowledgement = reader.u32();
  const std::size_t header = std::size_t{reader.u8()} >> 4u << 2u;
  const auto flags = reader.u8();
  tcp.fin = (flags & 0x01u) != 0;
  tcp.syn = (flags & 0x02u) != 0;
  tcp.rst = (flags & 0x04u) != 0;
  tcp.ack = (flags & 0x10u) != 0;
  if (!reader.ok()) return;
  packet.dissection.tcp = tcp;
  if (header <= segment.size()) packet.payload = copy_of(segment.subspan(header));
}

void read_transport(Packet& packet, ip::Protocol protocol, ByteView segment) {
  switch (protocol) {
    case ip::Protocol::Udp: read_udp(packet, segment); return;
    case ip::Protocol::Tcp: read_tcp(packet, segment); return;
    case ip::Protocol::Icmp:
    case ip::Protocol::IcmpV6: packet.dissection.kind = Kind::Icmp; break;
    case ip::Protocol::Sctp: packet.dissection = dissect_sctp(segment); break;
    default: break;  // a number that has no name here
  }
  packet.payload = copy_of(segment);
}

}  // namespace

bool is_known_link_type(unsigned link_type) {
  switch (link_type) {
    case kNull:
    case kEthernet:
    case kRawBsd:
    case kRawOpenBsd:
    case kRaw:
    case kLoop:
    case kLinuxCooked:
    case kIpv4:
    case kIpv6:
    case kLinuxCooked2: return true;
    default: return false;
  }
}

std::optional<ByteView> strip_link_layer(unsigned link_type, ByteView frame) {
  switch (link_type) {
    case kEthernet: return behind_ether_type(frame, 14, 12);
    case kLinuxCooked: return behind_ether_type(frame, 16, 14);
    case kLinuxCooked2: return behind_ether_type(frame, 20, 0);
    case kNull:
    case kLoop: return behind(frame, 4);
    case kRaw:
    case kRawBsd:
    case kRawOpenBsd:
    case kIpv4:
    case kIpv6: return behind(frame, 0);
    default: return std::nullopt;
  }
}

std::optional<Bytes> Reassembler::whole(const Pending& pending) {
  if (!pending.size) return std::nullopt;
  Bytes datagram;
  for (const auto& [offset, part] : pending.parts) {
    if (offset > datagram.size()) return std::nullopt;  // a hole
    if (offset + part.size() <= datagram.size()) continue;
    datagram.resize(offset);
    datagram.insert(datagram.end(), part.begin(), part.end());
  }
  if (datagram.size() < *pending.size) return std::nullopt;
  datagram.resize(*pending.size);
  return datagram;
}

std::optional<Bytes> Reassembler::add(const ip::Header& header, ByteView payload) {
  constexpr std::size_t kMostPending = 64;
  constexpr std::size_t kMostParts = 64;
  const Key key{header.source, header.destination, header.identification, header.protocol};
  const auto [found, fresh] = pending_.try_emplace(key);
  if (fresh) {
    order_.push_back(key);
    if (order_.size() > kMostPending) {
      pending_.erase(order_.front());
      order_.pop_front();
    }
  }
  auto& pending = found->second;
  if (pending.parts.size() < kMostParts) {
    pending.parts.insert_or_assign(header.fragment_offset, copy_of(payload));
  }
  if (!header.more_fragments) pending.size = header.fragment_offset + payload.size();
  auto datagram = whole(pending);
  if (datagram) {
    pending_.erase(found);
    order_.erase(std::find(order_.begin(), order_.end(), key));
  }
  return datagram;
}

std::optional<Packet> FrameReader::read(unsigned link_type, const RawFrame& frame) {
  const auto octets = strip_link_layer(link_type, frame.octets);
  if (!octets) return std::nullopt;
  auto packet_octets = *octets;
  Bytes copy;
  auto header = ip::Header::parse(packet_octets);
  if (!header) {
    copy = mended(packet_octets);
    packet_octets = copy;
    header = ip::Header::parse(packet_octets);
    if (!header) return std::nullopt;
  }

  Packet packet;
  packet.source.ip = header->source;
  packet.destination.ip = header->destination;
  packet.identification = header->identification;
  packet.cut = header->total_size > octets->size();
  const auto payload = header->payload(packet_octets);
  if (!header->is_fragment()) {
    read_transport(packet, header->protocol, payload);
    return packet;
  }
  if (const auto whole = reassemblers_[frame.interface].add(*header, payload)) {
    read_transport(packet, header->protocol, *whole);
  } else {
    packet.dissection.kind = Kind::Fragment;
    packet.payload = copy_of(payload);
  }
  return packet;
}

}  // namespace rtclab::evidence
