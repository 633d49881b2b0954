#include "sim/link/packet_kind.h"

namespace rtclab::sim {
namespace {

constexpr std::size_t kUdpHeader = 8;
constexpr std::size_t kChannelHeader = 4;

PacketKind::Content content_of(ByteView payload) {
  using enum PacketKind::Content;
  if (payload.empty()) return Other;
  const auto first = std::to_integer<unsigned>(payload.front());
  if (first <= 3) return Stun;
  if (first >= 20 && first <= 63) return Dtls;
  if (first >= 128 && first <= 191) return Rtp;
  return Other;
}

bool is_channel_data(ByteView payload) {
  if (payload.size() < kChannelHeader) return false;
  const auto first = std::to_integer<unsigned>(payload.front());
  return first >= 64 && first <= 79;
}

}  // namespace

PacketKind kind_of(ByteView packet) {
  PacketKind kind;
  const auto header = ip::Header::parse(packet);
  if (!header || header->fragment_offset != 0) return kind;
  kind.protocol = header->protocol;
  auto segment = header->payload(packet);
  if (header->protocol != ip::Protocol::Udp || segment.size() < kUdpHeader) return kind;
  ByteReader ports{segment};
  kind.source = {header->source, Port{ports.u16()}};
  kind.destination = {header->destination, Port{ports.u16()}};
  kind.payload = segment.subspan(kUdpHeader);
  if (is_channel_data(kind.payload)) kind.payload = kind.payload.subspan(kChannelHeader);
  kind.content = content_of(kind.payload);
  return kind;
}

}  // namespace rtclab::sim
