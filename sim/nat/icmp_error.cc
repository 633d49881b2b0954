#include "sim/nat/icmp_error.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_packet.h"

#include <algorithm>

namespace rtclab::nat {
namespace {

// RFC 1812 §4.3.2.3: as much of the packet as fits without the ICMP message exceeding 576 octets.
constexpr std::size_t kMostQuoted = 576 - 20 - 8;
// RFC 4443 §3.1: the same with the smallest MTU of IPv6.
constexpr std::size_t kMostQuotedV6 = 1280 - 40 - 8;

// The last word of an error's header is 0 or the MTU.
struct V6Form {
  std::uint8_t type;
  std::uint8_t code;
};

// RFC 7915 §4.2.
V6Form in_v6(const IcmpError& error) {
  if (error.type == 11) return {3, error.code};
  switch (error.code) {
    case 0: return {1, 0};   // no route to destination
    case 1: return {1, 3};   // address unreachable
    case 3: return {1, 4};   // port unreachable
    case 4: return {2, 0};   // packet too big
    default: return {1, 1};  // administratively prohibited
  }
}

bool is_error_message(const ip::Header& header, ByteView payload) {
  if (payload.empty()) return true;  // nothing that could be answered
  const auto type = std::to_integer<std::uint8_t>(payload.front());
  if (header.protocol == ip::Protocol::Icmp) return is_icmp_error(type);
  return type < 128;  // RFC 4443 §2.1
}

bool is_answered(const ip::Header& header, ByteView packet) {
  if (header.fragment_offset != 0) return false;
  const auto& source = header.source;
  if (source.is_unspecified() || source.is_loopback() || source.is_multicast()) return false;
  if (header.destination.is_multicast()) return false;
  const bool is_icmp =
      header.protocol == ip::Protocol::Icmp || header.protocol == ip::Protocol::IcmpV6;
  return !is_icmp || !is_error_message(header, header.payload(packet));
}

}  // namespace

std::optional<Bytes> icmp_error(const Ip& from, ByteView about, const IcmpError& error) {
  const auto header = ip::Header::parse(about);
  if (!header || !is_answered(*header, about)) return std::nullopt;
  if (header->source.is_v4()) {
    ByteWriter message{8 + kMostQuoted};
    message.u8(error.type).u8(error.code).u16(0).u16(0).u16(error.next_hop_mtu);
    message.octets(about.first(std::min(header->total_size, kMostQuoted)));
    message.patch_u16(2, checksum_close(checksum_add(0, message.view())));
    return ip::build({from, header->source, ip::Protocol::Icmp}, message.view());
  }
  const auto form = in_v6(error);
  ByteWriter message{8 + kMostQuotedV6};
  message.u8(form.type).u8(form.code).u16(0).u32(error.next_hop_mtu);
  message.octets(about.first(std::min(header->total_size, kMostQuotedV6)));
  message.patch_u16(
      2, ip::transport_checksum(from, header->source, ip::Protocol::IcmpV6, message.view()));
  return ip::build({from, header->source, ip::Protocol::IcmpV6}, message.view());
}

}  // namespace rtclab::nat
