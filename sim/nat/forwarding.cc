#include "sim/nat/forwarding.h"

#include "agents/base/ip_fragment.h"
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
                                         const Interface& out, std::optional<std::size_t> came) {
  if (packet.size() <= out.mtu() || ip::may_be_fragmented(packet)) return std::nullopt;
  // RFC 7915 §4, §5: less or more by what the translation has added or taken away.
  const auto mtu = out.mtu() + came.value_or(packet.size()) - packet.size();
  return Refusal{fmt::format("dropped by {}: {} octets do not fit {} (MTU {})", machine,
                             packet.size(), out.full_name(), out.mtu()),
                 nat::fragmentation_needed(static_cast<std::uint16_t>(mtu))};
}

std::vector<Bytes> cut_to_fit(Bytes packet, const Interface& out) {
  constexpr std::size_t kLeastMtuV4 = 68;  // RFC 791 §3.2
  if (packet.size() > out.mtu() && out.mtu() >= kLeastMtuV4) {
    return ip::fragment_v4(packet, out.mtu());
  }
  std::vector<Bytes> whole;
  whole.push_back(std::move(packet));
  return whole;
}

Ip own_address(const Interface& in, ByteView packet) {
  const auto family = family_of(packet);
  return in.address(family).value_or(dummy_address(family));
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

void forward(Interface& out, std::vector<Bytes> parts, PacketId identity) {
  for (auto& part : parts) {
    nat::lower_hop_limit(part);
    const bool is_last = &part == &parts.back();
    out.send(std::move(part), is_last ? identity : out.new_packet_id());
  }
}

}  // namespace rtclab::sim
