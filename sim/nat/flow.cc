#include "sim/nat/flow.h"

#include "agents/base/checksum.h"

#include <cassert>

namespace rtclab::nat {
namespace {

constexpr std::size_t kHopLimitAt = 8;
constexpr std::size_t kIpChecksumAt = 10;
constexpr std::size_t kIpHeader = 20;

constexpr std::uint8_t kEchoReply = 0;
constexpr std::uint8_t kEchoRequest = 8;

std::uint16_t read_u16(std::span<const std::byte> octets, std::size_t at) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(octets[at]) << 8u |
                                    std::to_integer<unsigned>(octets[at + 1]));
}

void write_u16(std::span<std::byte> octets, std::size_t at, std::uint16_t value) {
  octets[at] = static_cast<std::byte>(value >> 8u);
  octets[at + 1] = static_cast<std::byte>(value);
}

void update(std::span<std::byte> octets, std::size_t checksum_at, std::uint16_t before,
            std::uint16_t after) {
  write_u16(octets, checksum_at, checksum_update(read_u16(octets, checksum_at), before, after));
}

std::size_t checksum_offset(ip::Protocol protocol) {
  switch (protocol) {
    case ip::Protocol::Udp: return 6;
    case ip::Protocol::Tcp: return 16;
    default: return 2;  // ICMP
  }
}

std::size_t port_offset(ip::Protocol protocol, End end) {
  if (protocol == ip::Protocol::Icmp) return 4;
  return end == End::Source ? 0 : 2;
}

// The transport checksum of a packet, if the packet has one that must follow its endpoints.
std::optional<std::size_t> transport_checksum_at(std::span<const std::byte> packet,
                                                 const Flow& flow) {
  const auto at = flow.header_size + checksum_offset(flow.protocol);
  if (at + 2 > packet.size()) return std::nullopt;  // quoted, and cut before it
  // RFC 768: a UDP checksum of 0 says that there is none.
  if (flow.protocol == ip::Protocol::Udp && read_u16(packet, at) == 0) return std::nullopt;
  return at;
}

}  // namespace

std::optional<Flow> Flow::of(ByteView packet) {
  ByteReader reader{packet};
  const auto first = reader.u8();
  Flow flow;
  flow.header_size = std::size_t{first & 15u} * 4;
  reader.skip(8);
  flow.protocol = ip::Protocol{reader.u8()};
  reader.skip(2);
  flow.source.ip = Ip::v4(reader.u32());
  flow.destination.ip = Ip::v4(reader.u32());
  if (first >> 4u != 4 || flow.header_size < kIpHeader) return std::nullopt;
  reader.skip(flow.header_size - kIpHeader);
  switch (flow.protocol) {
    case ip::Protocol::Udp:
    case ip::Protocol::Tcp:
      flow.source.port = Port{reader.u16()};
      flow.destination.port = Port{reader.u16()};
      reader.skip(4);  // the least a transport header has, and the most an ICMP error must quote
      break;
    case ip::Protocol::Icmp: {
      const auto type = reader.u8();
      reader.skip(3);
      if (type != kEchoRequest && type != kEchoReply) return std::nullopt;
      (type == kEchoRequest ? flow.source : flow.destination).port = Port{reader.u16()};
      break;
    }
    default: return std::nullopt;
  }
  if (!reader.ok()) return std::nullopt;
  const auto flags_at = flow.header_size + 13;
  if (flow.protocol == ip::Protocol::Tcp && flags_at < packet.size()) {
    flow.flags = TcpFlags::of(std::to_integer<std::uint8_t>(packet[flags_at]));
  }
  return flow;
}

void rewrite_address(std::span<std::byte> packet, End end, const Ip& to) {
  const std::size_t at = end == End::Source ? 12 : 16;
  const auto number = to.v4_number();
  for (const auto& [offset, word] :
       {std::pair{at, number >> 16u}, std::pair{at + 2, number & 0xffffu}}) {
    const auto after = static_cast<std::uint16_t>(word);
    update(packet, kIpChecksumAt, read_u16(packet, offset), after);
    write_u16(packet, offset, after);
  }
}

void rewrite(std::span<std::byte> packet, const Flow& flow, End end, const Endpoint& to) {
  const auto& from = end == End::Source ? flow.source : flow.destination;
  if (const auto at = transport_checksum_at(packet, flow)) {
    if (flow.protocol != ip::Protocol::Icmp) {  // has no pseudo-header
      const auto before = from.ip.v4_number();
      const auto after = to.ip.v4_number();
      update(packet, *at, static_cast<std::uint16_t>(before >> 16u),
             static_cast<std::uint16_t>(after >> 16u));
      update(packet, *at, static_cast<std::uint16_t>(before), static_cast<std::uint16_t>(after));
    }
    update(packet, *at, from.port.value(), to.port.value());
    // RFC 768: a checksum that computes to 0 is sent as all ones.
    if (flow.protocol == ip::Protocol::Udp && read_u16(packet, *at) == 0) {
      write_u16(packet, *at, 0xffff);
    }
  }
  write_u16(packet, flow.header_size + port_offset(flow.protocol, end), to.port.value());
  rewrite_address(packet, end, to.ip);
}

void lower_hop_limit(std::span<std::byte> packet) {
  assert(packet.size() >= kIpHeader && packet[kHopLimitAt] != std::byte{0});
  const auto before = read_u16(packet, kHopLimitAt);  // with the protocol beside it
  const auto after = static_cast<std::uint16_t>(before - 0x100u);
  update(packet, kIpChecksumAt, before, after);
  write_u16(packet, kHopLimitAt, after);
}

std::string_view protocol_name(ip::Protocol protocol) {
  switch (protocol) {
    case ip::Protocol::Udp: return "udp";
    case ip::Protocol::Tcp: return "tcp";
    case ip::Protocol::Icmp: return "icmp";
    default: return "other";
  }
}

}  // namespace rtclab::nat
