#include "sim/nat/flow.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_fragment.h"
#include "agents/base/octets_at.h"

#include <cassert>

namespace rtclab::nat {
namespace {

constexpr std::size_t kHopLimitAt = 8;
constexpr std::size_t kIpChecksumAt = 10;
constexpr std::size_t kIpHeader = 20;
constexpr std::size_t kV6Header = 40;
constexpr std::size_t kV6HopLimitAt = 7;

struct EchoTypes {
  std::uint8_t request;
  std::uint8_t reply;
};
constexpr EchoTypes kEchoV4{8, 0};
constexpr EchoTypes kEchoV6{128, 129};

void update(std::span<std::byte> octets, std::size_t checksum_at, std::uint16_t before,
            std::uint16_t after) {
  set_u16_at(octets, checksum_at, checksum_update(u16_at(octets, checksum_at), before, after));
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
  if (flow.protocol == ip::Protocol::Udp && u16_at(packet, at) == 0) return std::nullopt;
  return at;
}

bool take_v4_header(ByteReader& reader, Flow& flow) {
  flow.header_size = std::size_t{reader.u8() & 15u} * 4;
  reader.skip(5);
  const bool is_first = (reader.u16() & 0x1fffu) == 0;
  reader.skip(1);
  flow.protocol = ip::Protocol{reader.u8()};
  reader.skip(2);
  flow.source.ip = Ip::v4(reader.u32());
  flow.destination.ip = Ip::v4(reader.u32());
  if (flow.header_size < kIpHeader || !is_first) return false;
  reader.skip(flow.header_size - kIpHeader);
  return true;
}

// False for a part of a packet that is not the first: it has no ports.
bool take_fragment_header(ByteReader& reader, Flow& flow) {
  flow.header_size += ip::kFragmentHeader;
  flow.protocol = ip::Protocol{reader.u8()};
  reader.skip(1);
  const bool is_first = (reader.u16() & 0xfff8u) == 0;
  reader.skip(4);
  return is_first;
}

bool take_v6_header(ByteReader& reader, Flow& flow) {
  constexpr ip::Protocol kFragment{44};
  flow.header_size = kV6Header;
  reader.skip(6);
  flow.protocol = ip::Protocol{reader.u8()};
  reader.skip(1);
  for (auto* const ip : {&flow.source.ip, &flow.destination.ip}) {
    for (auto& octet : ip->octets) octet = reader.u8();
  }
  return flow.protocol != kFragment || take_fragment_header(reader, flow);
}

// Leaves the reader behind the IP header.
bool take_header(ByteReader& reader, Flow& flow) {
  auto ahead = reader;
  switch (ahead.u8() >> 4u) {
    case 4: return take_v4_header(reader, flow);
    case 6: return take_v6_header(reader, flow);
    default: return false;
  }
}

}  // namespace

std::optional<Flow> Flow::of(ByteView packet) {
  ByteReader reader{packet};
  Flow flow;
  if (!take_header(reader, flow)) return std::nullopt;
  switch (flow.protocol) {
    case ip::Protocol::Udp:
    case ip::Protocol::Tcp:
      flow.source.port = Port{reader.u16()};
      flow.destination.port = Port{reader.u16()};
      reader.skip(4);  // the least a transport header has, and the most an ICMP error must quote
      break;
    case ip::Protocol::Icmp:
    case ip::Protocol::IcmpV6: {
      const auto& echo = flow.protocol == ip::Protocol::Icmp ? kEchoV4 : kEchoV6;
      const auto type = reader.u8();
      reader.skip(3);
      if (type != echo.request && type != echo.reply) return std::nullopt;
      (type == echo.request ? flow.source : flow.destination).port = Port{reader.u16()};
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
    update(packet, kIpChecksumAt, u16_at(packet, offset), after);
    set_u16_at(packet, offset, after);
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
    if (flow.protocol == ip::Protocol::Udp && u16_at(packet, *at) == 0) {
      set_u16_at(packet, *at, 0xffff);
    }
  }
  set_u16_at(packet, flow.header_size + port_offset(flow.protocol, end), to.port.value());
  rewrite_address(packet, end, to.ip);
}

void lower_hop_limit(std::span<std::byte> packet) {
  if (std::to_integer<unsigned>(packet[0]) >> 4u == 6) {  // RFC 8200: no checksum to keep right
    auto& hop_limit = packet[kV6HopLimitAt];
    assert(hop_limit != std::byte{0});
    hop_limit = static_cast<std::byte>(std::to_integer<unsigned>(hop_limit) - 1);
    return;
  }
  assert(packet.size() >= kIpHeader && packet[kHopLimitAt] != std::byte{0});
  const auto before = u16_at(packet, kHopLimitAt);  // with the protocol beside it
  const auto after = static_cast<std::uint16_t>(before - 0x100u);
  update(packet, kIpChecksumAt, before, after);
  set_u16_at(packet, kHopLimitAt, after);
}

std::string_view protocol_name(ip::Protocol protocol) {
  switch (protocol) {
    case ip::Protocol::Udp: return "udp";
    case ip::Protocol::Tcp: return "tcp";
    case ip::Protocol::Icmp:
    case ip::Protocol::IcmpV6: return "icmp";
    default: return "other";
  }
}

}  // namespace rtclab::nat
