#include "sim/server/websocket_frame.h"

namespace rtclab::websocket {
namespace {

constexpr Rule kRule{6455, "5.2"};
constexpr Rule kMaskRule{6455, "5.1"};
constexpr Rule kControlRule{6455, "5.5"};
constexpr std::size_t kShortest = 125;  // the largest length that stands in the second octet
constexpr unsigned kLength16 = 126;
constexpr unsigned kLength64 = 127;

bool is_known(unsigned opcode) {
  return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

void mask_octets(const MaskingKey& key, Bytes& payload) {
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] ^= key[i % key.size()];
}

}  // namespace

//   0                   1                   2                   3
//   |F|R|R|R| opcode|M| length (7)  | 126: 16 bits, 127: 64 bits of length …
//   | masking key, 32 bits, if M is set; then the payload
Bytes Frame::serialize() const {
  const unsigned masked = mask ? 0x80u : 0u;
  ByteWriter writer{14 + payload.size()};
  writer.u8((fin ? 0x80u : 0u) | static_cast<unsigned>(opcode));
  if (payload.size() <= kShortest) {
    writer.u8(masked | payload.size());
  } else if (payload.size() <= 0xffff) {
    writer.u8(masked | kLength16).u16(payload.size());
  } else {
    writer.u8(masked | kLength64).u64(payload.size());
  }
  if (!mask) return writer.octets(payload).take();
  auto hidden = payload;
  mask_octets(*mask, hidden);
  return writer.octets(*mask).octets(hidden).take();
}

Result<std::optional<Frame>> FrameReader::next() {
  const std::optional<Frame> not_yet;
  ByteReader reader{pending_};
  const unsigned first = reader.u8();
  const unsigned second = reader.u8();
  if (!reader.ok()) return not_yet;
  if ((first & 0x70u) != 0) return fail(Flaw::BadValue, 0, kRule);  // no extension was agreed on
  if (!is_known(first & 15u)) return fail(Flaw::BadValue, 0, kRule);
  Frame frame{(first & 0x80u) != 0, Opcode{static_cast<std::uint8_t>(first & 15u)}, {}, {}};
  const bool is_masked = (second & 0x80u) != 0;
  if (is_masked != (sender_ == Role::Client)) return fail(Flaw::BadValue, 1, kMaskRule);

  std::uint64_t length = second & 0x7fu;
  if (frame.is_control() && (length > kShortest || !frame.fin)) {
    return fail(Flaw::BadLength, 1, kControlRule);
  }
  const auto shortest = length == kLength16 ? kShortest + 1 : length == kLength64 ? 0x10000u : 0u;
  if (length == kLength16) {
    length = reader.u16();
  } else if (length == kLength64) {
    length = reader.u64();
  }
  if (!reader.ok()) return not_yet;
  if (length < shortest) return fail(Flaw::BadLength, 2, kRule);  // §5.2: in the fewest octets
  if (length > limit_) return fail(Flaw::BadLength, 2, {6455, "10.4"});

  if (is_masked) {
    frame.mask.emplace();
    for (auto& octet : *frame.mask) octet = std::byte{reader.u8()};
  }
  const auto payload = reader.take(static_cast<std::size_t>(length));
  if (!reader.ok()) return not_yet;
  frame.payload.assign(payload.begin(), payload.end());
  if (frame.mask) mask_octets(*frame.mask, frame.payload);
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(reader.offset()));
  return frame;
}

}  // namespace rtclab::websocket
