// SDES, BYE, APP, and the packets that are not understood.
#include "agents/rtp/rtcp_body.h"

#include <algorithm>
#include <cassert>

namespace rtclab::rtp {
namespace {

constexpr Rule kSdesRule{3550, "6.5"};
constexpr Rule kGoodbyeRule{3550, "6.6"};
constexpr Rule kApplicationRule{3550, "6.7"};
constexpr std::size_t kLongestText = 255;

Bytes copy_of(ByteView octets) {
  return {octets.begin(), octets.end()};
}

// The items end with one null octet or more, up to the next multiple of four (RFC 3550 §6.5).
Result<SdesChunk> read_sdes_chunk(ByteReader& in, const RtcpBody& body) {
  SdesChunk chunk;
  chunk.source = Ssrc{in.u32()};
  while (true) {
    const auto at = in.offset();
    const auto type = in.u8();
    if (!in.ok()) return body.flaw(Flaw::Truncated, at, kSdesRule);
    if (type == 0) break;
    const auto text = in.take(in.u8());
    if (!in.ok()) return body.flaw(Flaw::BadLength, at + 1, kSdesRule);
    chunk.items.push_back({static_cast<SdesType>(type), std::string{as_text(text)}});
  }
  in.skip((4 - in.offset() % 4) % 4);
  return chunk;
}

}  // namespace

std::optional<std::string_view> SdesChunk::find(SdesType type) const {
  const auto found = std::ranges::find(items, type, &SdesItem::type);
  if (found == items.end()) return std::nullopt;
  return found->text;
}

Result<RtcpPacket> read_source_description(const RtcpBody& body) {
  ByteReader in{body.octets};
  SourceDescription description;
  for (auto count = body.count; count != 0; --count) {
    auto chunk = read_sdes_chunk(in, body);
    if (!chunk) return tl::make_unexpected(chunk.error());
    description.chunks.push_back(*std::move(chunk));
  }
  if (in.remaining() != 0) return body.flaw(Flaw::BadLength, in.offset(), kSdesRule);
  return description;
}

Result<RtcpPacket> read_goodbye(const RtcpBody& body) {
  ByteReader in{body.octets};
  Goodbye goodbye;
  for (auto count = body.count; count != 0; --count) goodbye.sources.emplace_back(in.u32());
  if (!in.ok()) return body.flaw(Flaw::BadLength, body.octets.size(), kGoodbyeRule);
  if (in.remaining() == 0) return goodbye;
  const auto at = in.offset();
  const auto reason = in.take(in.u8());
  if (!in.ok()) return body.flaw(Flaw::BadLength, at, kGoodbyeRule);
  goodbye.reason = as_text(reason);
  return goodbye;
}

Result<RtcpPacket> read_application_defined(const RtcpBody& body) {
  ByteReader in{body.octets};
  ApplicationDefined packet;
  packet.subtype = body.count;
  packet.source = Ssrc{in.u32()};
  packet.name = as_text(in.take(4));
  if (!in.ok()) return body.flaw(Flaw::BadLength, body.octets.size(), kApplicationRule);
  packet.data = copy_of(in.rest());
  return packet;
}

RtcpHeader header_of(const SourceDescription& description) {
  return {static_cast<std::uint8_t>(RtcpType::SourceDescription),
          static_cast<std::uint8_t>(description.chunks.size())};
}

RtcpHeader header_of(const Goodbye& goodbye) {
  return {static_cast<std::uint8_t>(RtcpType::Goodbye),
          static_cast<std::uint8_t>(goodbye.sources.size())};
}

RtcpHeader header_of(const ApplicationDefined& packet) {
  return {static_cast<std::uint8_t>(RtcpType::ApplicationDefined), packet.subtype};
}

RtcpHeader header_of(const UnknownRtcp& packet) {
  return {packet.type, packet.count};
}

void write_body(ByteWriter& out, const SourceDescription& description) {
  for (const auto& chunk : description.chunks) {
    out.u32(chunk.source.value());
    for (const auto& item : chunk.items) {
      assert(item.text.size() <= kLongestText && static_cast<unsigned>(item.type) != 0);
      out.u8(static_cast<std::uint8_t>(item.type)).u8(item.text.size()).text(item.text);
    }
    out.u8(0).pad_to(4);
  }
}

void write_body(ByteWriter& out, const Goodbye& goodbye) {
  for (const auto source : goodbye.sources) out.u32(source.value());
  if (!goodbye.reason) return;
  assert(goodbye.reason->size() <= kLongestText);
  out.u8(goodbye.reason->size()).text(*goodbye.reason).pad_to(4);
}

void write_body(ByteWriter& out, const ApplicationDefined& packet) {
  assert(packet.name.size() == 4 && packet.data.size() % 4 == 0);
  out.u32(packet.source.value()).text(packet.name).octets(packet.data);
}

void write_body(ByteWriter& out, const UnknownRtcp& packet) {
  assert(packet.body.size() % 4 == 0);
  out.octets(packet.body);
}

}  // namespace rtclab::rtp
