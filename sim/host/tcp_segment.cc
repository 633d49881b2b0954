#include "sim/host/tcp_segment.h"

#include "agents/base/ip_packet.h"

namespace rtclab::tcp {
namespace {

constexpr Rule kHeaderRule{9293, "3.1"};
constexpr Rule kOptionRule{9293, "3.2"};
constexpr std::size_t kHeaderSize = 20;

constexpr unsigned kFin = 1;
constexpr unsigned kSyn = 2;
constexpr unsigned kRst = 4;
constexpr unsigned kPsh = 8;
constexpr unsigned kAck = 16;

enum class Option : std::uint8_t { End = 0, NoOperation = 1, MaximumSegmentSize = 2 };

Result<std::optional<std::uint16_t>> parse_mss(ByteView options) {
  std::optional<std::uint16_t> mss;
  ByteReader reader{options};
  while (reader.remaining() != 0) {
    const Option option{reader.u8()};
    if (option == Option::End) break;
    if (option == Option::NoOperation) continue;
    const std::size_t length = reader.u8();
    if (!reader.ok() || length < 2)
      return fail(Flaw::BadLength, kHeaderSize + reader.offset(), kOptionRule);
    ByteReader value{reader.take(length - 2)};
    if (!reader.ok()) return fail(Flaw::Truncated, kHeaderSize + options.size(), kOptionRule);
    if (option == Option::MaximumSegmentSize && length == 4) mss = value.u16();
  }
  return mss;
}

}  // namespace

//   0                   1                   2                   3
//   |        source port            |       destination port        |
//   |                        sequence number                        |
//   |                    acknowledgment number                      |
//   | offset|  reserved     | flags |            window             |
//   |           checksum            |         urgent pointer        |
//   |            options, padded to 32 bits; then the data          |
Result<Segment> Segment::parse(const Ip& source, const Ip& destination, ByteView octets) {
  if (octets.size() < kHeaderSize) return fail(Flaw::Truncated, octets.size(), kHeaderRule);
  ByteReader reader{octets};
  Segment segment;
  segment.source = Port{reader.u16()};
  segment.destination = Port{reader.u16()};
  segment.seq = Sequence{reader.u32()};
  segment.ack_number = Sequence{reader.u32()};
  const std::size_t header_size = std::size_t{reader.u8()} / 16 * 4;
  const auto flags = reader.u8();
  segment.fin = (flags & kFin) != 0;
  segment.syn = (flags & kSyn) != 0;
  segment.rst = (flags & kRst) != 0;
  segment.psh = (flags & kPsh) != 0;
  segment.ack = (flags & kAck) != 0;
  segment.window = reader.u16();
  if (header_size < kHeaderSize || header_size > octets.size()) {
    return fail(Flaw::BadLength, 12, kHeaderRule);
  }
  if (ip::transport_checksum(source, destination, ip::Protocol::Tcp, octets) != 0) {
    return fail(Flaw::BadChecksum, 16, kHeaderRule);
  }
  const auto mss = parse_mss(octets.subspan(kHeaderSize, header_size - kHeaderSize));
  if (!mss) return tl::make_unexpected(mss.error());
  segment.mss = *mss;
  const auto payload = octets.subspan(header_size);
  segment.payload.assign(payload.begin(), payload.end());
  return segment;
}

Bytes Segment::serialize(const Ip& from, const Ip& to) const {
  const std::size_t header_size = kHeaderSize + (mss ? 4 : 0);
  const auto flags = (fin ? kFin : 0u) | (syn ? kSyn : 0u) | (rst ? kRst : 0u) | (psh ? kPsh : 0u) |
                     (ack ? kAck : 0u);
  ByteWriter writer{header_size + payload.size()};
  writer.u16(source.value()).u16(destination.value());
  writer.u32(seq.value()).u32(ack ? ack_number.value() : 0u);
  writer.u8(header_size * 4).u8(flags).u16(window).u16(0).u16(0);
  if (mss) writer.u8(static_cast<std::uint8_t>(Option::MaximumSegmentSize)).u8(4).u16(*mss);
  writer.octets(payload);
  writer.patch_u16(16, ip::transport_checksum(from, to, ip::Protocol::Tcp, writer.view()));
  return writer.take();
}

}  // namespace rtclab::tcp
