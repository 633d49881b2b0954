#include "agents/sctp/dcep.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

namespace rtclab::sctp {
namespace {

constexpr std::uint8_t kAck = 0x02;
constexpr std::uint8_t kOpen = 0x03;
// RFC 8832 §5.1: the channel type, and a bit for "unordered".
constexpr std::uint8_t kReliable = 0x00;
constexpr std::uint8_t kLimitedRetransmissions = 0x01;
constexpr std::uint8_t kLimitedLifetime = 0x02;
constexpr std::uint8_t kUnordered = 0x80;

// Type and parameter on the wire.
std::pair<std::uint8_t, std::uint32_t> wire(const Reliability& reliability) {
  using Milliseconds = std::chrono::milliseconds;
  if (const auto* limited = std::get_if<LimitedRetransmissions>(&reliability)) {
    return {kLimitedRetransmissions, limited->count};
  }
  if (const auto* limited = std::get_if<LimitedLifetime>(&reliability)) {
    const auto count = std::chrono::duration_cast<Milliseconds>(limited->lifetime).count();
    return {kLimitedLifetime,
            static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 0, 0xffffffff))};
  }
  return {kReliable, 0};
}

Bytes encode_open(const DcepOpen& open) {
  assert(open.label.size() <= kMaxDcepText && open.protocol.size() <= kMaxDcepText);
  const auto [type, parameter] = wire(open.reliability);
  ByteWriter out;
  out.u8(kOpen).u8(open.order == Order::Unordered ? type | kUnordered : type);
  out.u16(open.priority).u32(parameter).u16(open.label.size()).u16(open.protocol.size());
  return out.text(open.label).text(open.protocol).take();
}

//    |  message type |  channel type |            priority           |
//    |                     reliability parameter                     |
//    |         label length          |        protocol length        |
Result<DcepMessage> decode_open(ByteReader in) {
  constexpr Rule kRule{8832, "5.1"};
  DcepOpen open;
  const auto type = in.u8();
  open.priority = in.u16();
  const auto parameter = in.u32();
  const auto label_size = in.u16();
  const auto protocol_size = in.u16();
  if (!in.ok()) return fail(Flaw::Truncated, in.offset(), kRule);
  if (in.remaining() != std::size_t{label_size} + protocol_size) {
    return fail(Flaw::BadLength, 8, kRule);
  }
  open.label = as_text(in.take(label_size));
  open.protocol = as_text(in.take(protocol_size));
  open.order = (type & kUnordered) != 0 ? Order::Unordered : Order::Ordered;
  switch (type & ~kUnordered) {
    case kReliable: break;  // the parameter MUST be ignored
    case kLimitedRetransmissions: open.reliability = LimitedRetransmissions{parameter}; break;
    case kLimitedLifetime:
      open.reliability = LimitedLifetime{std::chrono::milliseconds{parameter}};
      break;
    default: return fail(Flaw::BadValue, 1, kRule);
  }
  return open;
}

}  // namespace

Bytes encode(const DcepMessage& message) {
  if (const auto* open = std::get_if<DcepOpen>(&message)) return encode_open(*open);
  return ByteWriter{}.u8(kAck).take();
}

Result<DcepMessage> decode_dcep(ByteView octets) {
  constexpr Rule kRule{8832, "5"};
  ByteReader in{octets};
  const auto type = in.u8();
  if (!in.ok()) return fail(Flaw::Truncated, 0, kRule);
  if (type == kOpen) return decode_open(in);
  if (type != kAck) return fail(Flaw::BadValue, 0, kRule);
  // RFC 8832 §5.2: one octet. Pion (datachannel 1.5) sends four, and has nothing to say in them.
  return DcepAck{};
}

}  // namespace rtclab::sctp
