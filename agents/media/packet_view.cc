#include "agents/media/packet_view.h"

namespace rtclab::media {
namespace {

constexpr Rule kHeaderRule{3550, "5.1"};
constexpr std::uint16_t kOneByteProfile = 0xbede;
constexpr std::uint16_t kTwoByteProfile = 0x1000;  // the last four bits are the application's

}  // namespace

Result<PacketView> PacketView::parse(ByteView octets) {
  ByteReader in{octets};
  const unsigned first = in.u8();
  const unsigned second = in.u8();
  PacketView packet;
  packet.marker = (second & 0x80u) != 0;
  packet.payload_type = rtp::PayloadType{static_cast<std::uint8_t>(second & 0x7fu)};
  packet.sequence = rtp::SequenceNumber{in.u16()};
  packet.timestamp = rtp::RtpTimestamp{in.u32()};
  packet.ssrc = rtp::Ssrc{in.u32()};
  if (!in.ok()) return fail(Flaw::Truncated, octets.size(), kHeaderRule);
  if (first >> 6u != 2) return fail(Flaw::BadValue, 0, kHeaderRule);
  in.skip(std::size_t{4} * (first & 0x0fu));
  if ((first & 0x10u) != 0) {
    packet.profile = in.u16();
    packet.extensions = in.take(std::size_t{4} * in.u16());
  }
  if (!in.ok()) return fail(Flaw::Truncated, octets.size(), kHeaderRule);
  packet.header_size = in.offset();
  packet.payload = in.rest();
  if ((first & 0x20u) != 0) {
    const auto padding = octets.empty() ? 0u : std::to_integer<std::size_t>(octets.back());
    if (padding == 0 || padding > packet.payload.size())
      return fail(Flaw::BadLength, octets.size() - 1, kHeaderRule);
    packet.payload = packet.payload.first(packet.payload.size() - padding);
  }
  return packet;
}

std::optional<ByteView> PacketView::find(const std::optional<std::uint8_t>& id) const {
  if (!id || extensions.empty()) return std::nullopt;
  const bool one_byte = profile == kOneByteProfile;
  if (!one_byte && (profile & 0xfff0u) != kTwoByteProfile) return std::nullopt;
  ByteReader in{extensions};
  while (in.remaining() > 0) {
    const unsigned head = in.u8();
    if (head == 0) continue;  // padding
    unsigned element = head;
    std::size_t length = 0;
    if (one_byte) {
      element = head >> 4u;
      length = (head & 0x0fu) + 1;
      if (element == 15) break;  // RFC 8285 §4.2: nothing behind it is read
    } else {
      length = in.u8();
    }
    const auto data = in.take(length);
    if (!in.ok()) break;
    if (element == *id) return data;
  }
  return std::nullopt;
}

std::string_view PacketView::text(const std::optional<std::uint8_t>& id) const {
  const auto data = find(id);
  return data ? as_text(*data) : std::string_view{};
}

}  // namespace rtclab::media
