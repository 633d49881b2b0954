#include "sim/link/flow_hash.h"

#include "agents/base/ip_packet.h"

namespace rtclab::sim {

// FNV-1a.
std::uint32_t flow_hash(ByteView packet) {
  std::uint32_t hash = 0x811c9dc5u;
  const auto add = [&](std::uint8_t octet) { hash = (hash ^ octet) * 0x01000193u; };
  const auto header = ip::Header::parse(packet);
  if (!header) return hash;
  for (const auto* const ip : {&header->source, &header->destination}) {
    for (const auto octet : ip->octets) add(octet);
  }
  add(static_cast<std::uint8_t>(header->protocol));
  const bool has_ports =
      header->protocol == ip::Protocol::Udp || header->protocol == ip::Protocol::Tcp;
  // Fragments of a datagram have no ports but the first; together they are one flow.
  if (has_ports && !header->is_fragment()) {
    ByteReader reader{header->payload(packet)};
    for (int i = 0; i < 4; ++i) add(reader.u8());
  }
  return hash;
}

}  // namespace rtclab::sim
