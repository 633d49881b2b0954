#include "agents/sctp/packet.h"

#include "agents/sctp/crc32c.h"

#include <limits>

namespace rtclab::sctp {
namespace {

constexpr Rule kHeaderRule{9260, "3.1"};
constexpr Rule kChunkRule{9260, "3.2"};
constexpr std::size_t kChecksumOffset = 8;

// Unlike every other field, the checksum stands with its least significant octet first (RFC 9260
// appendix A).
std::uint32_t swapped(std::uint32_t value) {
  return __builtin_bswap32(value);
}

// RFC 9653 §5.2: with these the peer may not know yet that it may do without.
bool needs_checksum(const Chunk& chunk) {
  return std::holds_alternative<InitChunk>(chunk) || std::holds_alternative<CookieEchoChunk>(chunk);
}

}  // namespace

//    |          source port          |       destination port        |
//    |                       verification tag                        |
//    |                           checksum                            |
Result<Packet> Packet::parse(ByteView octets, ChecksumPolicy policy) {
  if (octets.size() < kCommonHeaderSize + kChunkHeaderSize) {
    return fail(Flaw::Truncated, octets.size(), kHeaderRule);
  }
  ByteReader in{octets};
  Packet packet;
  packet.header.source_port = in.u16();
  packet.header.destination_port = in.u16();
  packet.header.verification_tag = in.u32();
  const auto checksum = in.u32();
  const bool is_zero = policy == ChecksumPolicy::ZeroToo && checksum == 0;
  if (policy != ChecksumPolicy::Ignore && !is_zero && swapped(checksum) != packet_crc32c(octets)) {
    return fail(Flaw::BadChecksum, kChecksumOffset, {9260, "6.8"});
  }
  while (in.remaining() != 0) {
    const auto at = in.offset();
    const auto type = in.u8();
    const auto flags = in.u8();
    const auto length = in.u16();
    if (!in.ok()) return fail(Flaw::Truncated, at, kChunkRule);
    if (length < kChunkHeaderSize) return fail(Flaw::BadLength, at + 2, kChunkRule);
    const auto value = in.take(length - kChunkHeaderSize);
    if (!in.ok()) return fail(Flaw::BadLength, at + 2, kChunkRule);
    auto chunk = parse_chunk(type, flags, value, at + kChunkHeaderSize);
    if (!chunk) return tl::make_unexpected(chunk.error());
    if (is_zero && needs_checksum(*chunk) && packet_crc32c(octets) != 0) {
      return fail(Flaw::BadChecksum, kChecksumOffset, {9653, "5.3"});
    }
    packet.chunks.push_back(*std::move(chunk));
    in.skip(std::min(in.remaining(), padded(length) - length));
  }
  return packet;
}

Bytes Packet::serialize() const {
  PacketWriter writer{header, std::numeric_limits<std::uint16_t>::max()};
  for (const auto& chunk : chunks) {
    [[maybe_unused]] const bool fits = writer.add(chunk);
    assert(fits);
  }
  return writer.finish();
}

PacketWriter::PacketWriter(const CommonHeader& header, std::size_t mtu) : mtu_{mtu / 4 * 4} {
  assert(mtu >= 512);
  out_.u16(header.source_port).u16(header.destination_port).u32(header.verification_tag).u32(0);
}

bool PacketWriter::add(const Chunk& chunk) {
  ByteWriter octets;
  write(octets, chunk);
  if (octets.size() > room()) return false;
  out_.octets(octets.view());
  return true;
}

void PacketWriter::add_data(DataKind kind, const DataHeader& header, ByteView payload) {
  assert(padded(header_size(kind) + payload.size()) <= room());
  write_data(out_, kind, header, payload);
}

Bytes PacketWriter::finish(Checksum kind) {
  auto packet = out_.take();
  if (kind == Checksum::Crc32c) set_checksum(packet);
  return packet;
}

void set_checksum(std::span<std::byte> packet) {
  const auto checksum = packet_crc32c(packet);
  for (std::size_t i = 0; i < 4; ++i) {
    packet[kChecksumOffset + i] = static_cast<std::byte>(checksum >> (8 * i));
  }
}

}  // namespace rtclab::sctp
