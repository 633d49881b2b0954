#include "sim/nat/icmp_error.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_packet.h"

#include <algorithm>

namespace rtclab::nat {
namespace {

// RFC 1812 §4.3.2.3: as much of the packet as fits without the ICMP message exceeding 576 octets.
constexpr std::size_t kMostQuoted = 576 - 20 - 8;

}  // namespace

std::optional<Bytes> icmp_error(const Ip& from, ByteView about, const IcmpError& error) {
  const auto header = ip::Header::parse(about);
  if (!header || !header->source.is_v4() || header->fragment_offset != 0) return std::nullopt;
  if (header->source.is_unspecified() || header->source.is_loopback()) return std::nullopt;
  const auto payload = header->payload(about);
  if (header->protocol == ip::Protocol::Icmp &&
      (payload.empty() || is_icmp_error(std::to_integer<std::uint8_t>(payload.front())))) {
    return std::nullopt;
  }
  ByteWriter message{8 + kMostQuoted};
  message.u8(error.type).u8(error.code).u16(0).u16(0).u16(error.next_hop_mtu);
  message.octets(about.first(std::min(header->total_size, kMostQuoted)));
  message.patch_u16(2, checksum_close(checksum_add(0, message.view())));
  return ip::build({from, header->source, ip::Protocol::Icmp}, message.view());
}

}  // namespace rtclab::nat
