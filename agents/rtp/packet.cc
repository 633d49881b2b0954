#include "agents/rtp/packet.h"

#include <cassert>

namespace rtclab::rtp {
namespace {

constexpr Rule kHeaderRule{3550, "5.1"};
constexpr Rule kExtensionRule{3550, "5.3.1"};
constexpr unsigned kVersion = 2;
constexpr std::size_t kSsrcOffset = 8;

std::uint8_t octet_at(ByteView octets, std::size_t at) {
  return std::to_integer<std::uint8_t>(octets[at]);
}

}  // namespace

//     0                   1                   2                   3
//     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//    |V=2|P|X|  CC   |M|     PT      |       sequence number         |
//    |                           timestamp                           |
//    |                             SSRC                              |
//    |                         CSRCs, CC times                       |
//    |       defined by profile      |       length in words         |  if X
Result<HeaderView> HeaderView::parse(ByteView octets) {
  if (octets.size() < kFixedHeaderSize) return fail(Flaw::Truncated, octets.size(), kHeaderRule);
  ByteReader in{octets};
  const auto first = in.u8();
  if (first >> 6u != kVersion) return fail(Flaw::BadMagic, 0, kHeaderRule);
  const PayloadType payload_type{static_cast<std::uint8_t>(in.u8() & 0x7fu)};
  const SequenceNumber sequence_number{in.u16()};
  in.skip(4);
  const Ssrc ssrc{in.u32()};
  in.skip((first & 0x0fu) * 4u);
  if (!in.ok()) return fail(Flaw::Truncated, octets.size(), kHeaderRule);
  if ((first & 0x10u) != 0) {
    in.skip(2);
    in.skip(in.u16() * std::size_t{4});
    if (!in.ok()) return fail(Flaw::Truncated, octets.size(), kExtensionRule);
  }
  return HeaderView{payload_type, sequence_number, ssrc, in.offset()};
}

Result<Packet> Packet::parse(ByteView octets) {
  const auto view = HeaderView::parse(octets);
  if (!view) return tl::make_unexpected(view.error());
  ByteReader in{octets.first(view->size)};
  const auto first = in.u8();
  Packet packet;
  packet.marker = (in.u8() & 0x80u) != 0;
  packet.payload_type = view->payload_type;
  packet.sequence_number = SequenceNumber{in.u16()};
  packet.timestamp = RtpTimestamp{in.u32()};
  packet.ssrc = Ssrc{in.u32()};
  for (auto count = first & 0x0fu; count != 0; --count) packet.csrcs.emplace_back(in.u32());
  if ((first & 0x10u) != 0) {
    const auto profile = in.u16();
    in.skip(2);
    const auto at = in.offset();
    auto extension = HeaderExtension::parse(profile, in.rest(), at);
    if (!extension) return tl::make_unexpected(extension.error());
    packet.extension = *std::move(extension);
  }
  auto payload = octets.subspan(view->size);
  if ((first & 0x20u) != 0) {
    if (payload.empty()) return fail(Flaw::BadLength, octets.size(), kHeaderRule);
    packet.padding = octet_at(payload, payload.size() - 1);
    if (packet.padding == 0 || packet.padding > payload.size()) {
      return fail(Flaw::BadLength, octets.size() - 1, kHeaderRule);
    }
    payload = payload.first(payload.size() - packet.padding);
  }
  packet.payload.assign(payload.begin(), payload.end());
  return packet;
}

Bytes Packet::serialize() const {
  assert(csrcs.size() <= kMaxCsrcs && payload_type.value() < 128);
  ByteWriter out{kFixedHeaderSize + payload.size() + padding + 64};
  out.u8(kVersion << 6u | (padding != 0 ? 0x20u : 0u) | (extension ? 0x10u : 0u) | csrcs.size());
  out.u8((marker ? 0x80u : 0u) | payload_type.value());
  out.u16(sequence_number.value()).u32(timestamp.value()).u32(ssrc.value());
  for (const auto csrc : csrcs) out.u32(csrc.value());
  if (extension) extension->write(out);
  out.octets(payload);
  if (padding != 0) out.zeros(padding - 1u).u8(padding);
  return out.take();
}

std::optional<ByteView> Packet::find_extension(ExtensionId id) const {
  if (!extension) return std::nullopt;
  return extension->find(id);
}

void Packet::set_extension(ExtensionId id, ByteView data) {
  if (!extension) extension.emplace();
  extension->set(id, data);
}

bool looks_like_rtp_or_rtcp(ByteView datagram) {
  return datagram.size() >= kSsrcOffset && octet_at(datagram, 0) >= 128 &&
         octet_at(datagram, 0) <= 191;
}

bool looks_like_rtcp(ByteView datagram) {
  return looks_like_rtp_or_rtcp(datagram) && octet_at(datagram, 1) >= 192 &&
         octet_at(datagram, 1) <= 223;
}

}  // namespace rtclab::rtp
