#include "sim/nat/forwarding.h"

#include "agents/base/ip_packet.h"
#include "sim/nat/flow.h"

#include <fmt/format.h>

#include <utility>

namespace rtclab::sim {

std::optional<Refusal> refuse_to_forward(std::string_view machine, ByteView packet) {
  const auto header = ip::Header::parse(packet);
  if (!header) {
    const auto& flaw = header.error();
    return Refusal{fmt::format("dropped by {}: {} at octet {} ({})", machine, to_string(flaw.flaw),
                               flaw.offset, flaw.rule.to_string()),
                   {}};
  }
  if (header->hop_limit <= 1) {
    return Refusal{fmt::format("dropped by {}: the hop limit is used up", machine),
                   nat::kHopLimitExceeded};
  }
  if (header->source.is_link_local() || header->destination.is_link_local()) {
    return Refusal{fmt::format("dropped by {}: link-local packets stay on their link", machine),
                   {}};
  }
  return std::nullopt;
}

std::optional<Refusal> refuse_as_too_big(std::string_view machine, ByteView packet,
                                         const Interface& out) {
  if (packet.size() <= out.mtu()) return std::nullopt;
  return Refusal{fmt::format("dropped by {}: {} octets do not fit {} (MTU {})", machine,
                             packet.size(), out.full_name(), out.mtu()),
                 nat::fragmentation_needed(static_cast<std::uint16_t>(out.mtu()))};
}

bool is_multicast(ByteView packet) {
  const auto destination = ip::destination_of(packet);
  return destination && destination->is_multicast();
}

Ip dummy_address(Family family) {
  return family == Family::V4 ? *Ip::parse("192.0.0.8") : *Ip::parse("64:ff9b::192.0.0.8");
}

Family family_of(ByteView packet) {
  return !packet.empty() && std::to_integer<unsigned>(packet.front()) >> 4u == 6 ? Family::V6
                                                                                 : Family::V4;
}

void turn_away(Interface& in, const Ip& self, const Arrival& arrival, const Refusal& refusal) {
  in.note_dropped(arrival, refusal.comment);
  if (!refusal.error) return;
  if (auto answer = nat::icmp_error(self, arrival.packet, *refusal.error)) {
    in.send_new(std::move(*answer));
  }
}

void forward(Interface& out, Bytes packet, PacketId identity) {
  nat::lower_hop_limit(packet);
  out.send(std::move(packet), identity);
}

}  // namespace rtclab::sim
