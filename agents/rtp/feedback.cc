#include "agents/rtp/feedback.h"

#include "agents/rtp/rtcp_body.h"

#include <bit>
#include <cassert>

namespace rtclab::rtp {
namespace {

constexpr Rule kFeedbackRule{4585, "6.1"};
constexpr Rule kNackRule{4585, "6.2.1"};
constexpr Rule kPliRule{4585, "6.3.1"};
constexpr Rule kTmmbrRule{5104, "4.2.1.1"};
constexpr Rule kTmmbnRule{5104, "4.2.2.1"};
constexpr Rule kFirRule{5104, "4.3.1.1"};
constexpr Rule kRembRule{4585, "6.4"};  // REMB is an application layer feedback message

constexpr std::uint8_t kNackFormat = 1;
constexpr std::uint8_t kTmmbrFormat = 3;
constexpr std::uint8_t kTmmbnFormat = 4;
constexpr std::uint8_t kPliFormat = 1;
constexpr std::uint8_t kFirFormat = 4;
constexpr std::uint8_t kApplicationFormat = 15;
constexpr std::string_view kRembName = "REMB";
constexpr std::size_t kSsrcsSize = 8;  // of sender and media source, before the feedback itself

struct FloatingRate {
  unsigned exponent;
  std::uint64_t mantissa;
};
// The largest rate with that many bits of mantissa which is not above `bitrate`.
FloatingRate to_floating(std::uint64_t bitrate, unsigned mantissa_bits) {
  const auto width = static_cast<unsigned>(std::bit_width(bitrate));
  const auto exponent = width > mantissa_bits ? width - mantissa_bits : 0;
  return {exponent, bitrate >> exponent};
}
// nullopt when it does not fit 64 bits: no path is that fast.
std::optional<std::uint64_t> from_floating(FloatingRate rate) {
  if (rate.mantissa == 0) return 0;
  if (static_cast<unsigned>(std::bit_width(rate.mantissa)) + rate.exponent > 64) return {};
  return rate.mantissa << rate.exponent;
}

RtcpPacket unknown(RtcpType type, const RtcpBody& body) {
  return UnknownRtcp{
      static_cast<std::uint8_t>(type), body.count, {body.octets.begin(), body.octets.end()}};
}

// True when at least one item stands behind the SSRCs, and nothing else.
bool holds_items(const RtcpBody& body, std::size_t item_size) {
  return body.octets.size() > kSsrcsSize && (body.octets.size() - kSsrcsSize) % item_size == 0;
}

Result<RtcpPacket> read_nack(const RtcpBody& body, Ssrc sender, Ssrc media, ByteReader& in) {
  if (!holds_items(body, 4)) return body.flaw(Flaw::BadLength, kSsrcsSize, kNackRule);
  Nack nack{.sender = sender, .media = media, .items = {}};
  while (in.remaining() != 0) {
    const SequenceNumber packet_id{in.u16()};
    nack.items.push_back({packet_id, in.u16()});
  }
  return nack;
}

//    |                              SSRC                             |
//    | MxTBR Exp |  MxTBR mantissa (17 bits)       |  overhead (9)   |
Result<std::vector<BitrateLimit>> read_limits(const RtcpBody& body, ByteReader& in, Rule rule) {
  std::vector<BitrateLimit> limits;
  while (in.remaining() != 0) {
    const auto at = in.offset();
    const Ssrc ssrc{in.u32()};
    const auto word = in.u32();
    if (!in.ok()) return body.flaw(Flaw::BadLength, at, rule);
    const auto bitrate = from_floating({word >> 26u, (word >> 9u) & 0x1ffffu});
    if (!bitrate) return body.flaw(Flaw::BadValue, at + 4, rule);
    limits.push_back({ssrc, *bitrate, static_cast<std::uint16_t>(word & 0x1ffu)});
  }
  return limits;
}

void write_limits(ByteWriter& out, const std::vector<BitrateLimit>& limits) {
  for (const auto& limit : limits) {
    assert(limit.packet_overhead < 512);
    const auto rate = to_floating(limit.bitrate, 17);
    out.u32(limit.ssrc.value());
    out.u32(rate.exponent << 26u | rate.mantissa << 9u | limit.packet_overhead);
  }
}

Result<RtcpPacket> read_tmmbr(const RtcpBody& body, Ssrc sender, ByteReader& in) {
  if (!holds_items(body, 8)) return body.flaw(Flaw::BadLength, kSsrcsSize, kTmmbrRule);
  return read_limits(body, in, kTmmbrRule).map([&](std::vector<BitrateLimit> limits) {
    return RtcpPacket{Tmmbr{sender, std::move(limits)}};
  });
}

Result<RtcpPacket> read_tmmbn(const RtcpBody& body, Ssrc sender, ByteReader& in) {
  return read_limits(body, in, kTmmbnRule).map([&](std::vector<BitrateLimit> limits) {
    return RtcpPacket{Tmmbn{sender, std::move(limits)}};
  });
}

Result<RtcpPacket> read_fir(const RtcpBody& body, Ssrc sender, ByteReader& in) {
  if (!holds_items(body, 8)) return body.flaw(Flaw::BadLength, kSsrcsSize, kFirRule);
  FullIntraRequest request{.sender = sender, .entries = {}};
  while (in.remaining() != 0) {
    const Ssrc ssrc{in.u32()};
    request.entries.push_back({ssrc, in.u8()});
    in.skip(3);
  }
  return request;
}

//    |  unique identifier 'R' 'E' 'M' 'B'                            |
//    |  Num SSRC     | BR Exp    |  BR mantissa (18 bits)            |
//    |  SSRC feedback …                                              |
Result<RtcpPacket> read_remb(const RtcpBody& body, Ssrc sender, ByteReader& in) {
  ReceiverEstimatedMaximumBitrate estimate{.sender = sender, .bitrate = 0, .ssrcs = {}};
  const auto at = in.offset();
  const auto count = in.u8();
  const auto word = in.u24();
  if (!in.ok() || in.remaining() != count * std::size_t{4}) {
    return body.flaw(Flaw::BadLength, at, kRembRule);
  }
  const auto bitrate = from_floating({word >> 18u, word & 0x3ffffu});
  if (!bitrate) return body.flaw(Flaw::BadValue, at + 1, kRembRule);
  estimate.bitrate = *bitrate;
  while (in.remaining() != 0) estimate.ssrcs.emplace_back(in.u32());
  return estimate;
}

RtcpHeader transport_header(std::uint8_t format) {
  return {static_cast<std::uint8_t>(RtcpType::TransportLayerFeedback), format};
}
RtcpHeader payload_header(std::uint8_t format) {
  return {static_cast<std::uint8_t>(RtcpType::PayloadSpecificFeedback), format};
}

}  // namespace

std::vector<NackItem> Nack::items_for(std::span<const SequenceNumber> lost) {
  std::vector<NackItem> items;
  for (const auto number : lost) {
    const auto ahead = items.empty() ? 0 : number.ahead_of(items.back().packet_id);
    if (!items.empty() && ahead >= 1 && ahead <= 16) {
      items.back().following_lost =
          static_cast<std::uint16_t>(items.back().following_lost | 1u << (ahead - 1));
    } else {
      items.push_back({number, 0});
    }
  }
  return items;
}

std::vector<SequenceNumber> Nack::lost() const {
  std::vector<SequenceNumber> numbers;
  for (const auto& item : items) {
    numbers.push_back(item.packet_id);
    for (int bit = 0; bit < 16; ++bit) {
      if ((item.following_lost >> bit & 1) != 0) numbers.push_back(item.packet_id.plus(bit + 1));
    }
  }
  return numbers;
}

Result<RtcpPacket> read_transport_layer_feedback(const RtcpBody& body) {
  ByteReader in{body.octets};
  const Ssrc sender{in.u32()};
  const Ssrc media{in.u32()};
  if (!in.ok()) return body.flaw(Flaw::Truncated, body.octets.size(), kFeedbackRule);
  switch (body.count) {
    case kNackFormat: return read_nack(body, sender, media, in);
    case kTmmbrFormat: return read_tmmbr(body, sender, in);
    case kTmmbnFormat: return read_tmmbn(body, sender, in);
    case kTransportFeedbackFormat:
      return TransportFeedback::parse_control(in.rest(), body.offset + kSsrcsSize)
          .map([&](TransportFeedback feedback) {
            feedback.sender = sender;
            feedback.media = media;
            return RtcpPacket{std::move(feedback)};
          });
    default: return unknown(RtcpType::TransportLayerFeedback, body);
  }
}

Result<RtcpPacket> read_payload_specific_feedback(const RtcpBody& body) {
  ByteReader in{body.octets};
  const Ssrc sender{in.u32()};
  const Ssrc media{in.u32()};
  if (!in.ok()) return body.flaw(Flaw::Truncated, body.octets.size(), kFeedbackRule);
  switch (body.count) {
    case kPliFormat:
      if (in.remaining() != 0) return body.flaw(Flaw::BadLength, kSsrcsSize, kPliRule);
      return PictureLossIndication{sender, media};
    case kFirFormat: return read_fir(body, sender, in);
    case kApplicationFormat:
      if (as_text(in.take(kRembName.size())) == kRembName) return read_remb(body, sender, in);
      break;
    default: break;
  }
  return unknown(RtcpType::PayloadSpecificFeedback, body);
}

RtcpHeader header_of(const Nack&) {
  return transport_header(kNackFormat);
}
RtcpHeader header_of(const Tmmbr&) {
  return transport_header(kTmmbrFormat);
}
RtcpHeader header_of(const Tmmbn&) {
  return transport_header(kTmmbnFormat);
}
RtcpHeader header_of(const TransportFeedback&) {
  return transport_header(kTransportFeedbackFormat);
}
RtcpHeader header_of(const PictureLossIndication&) {
  return payload_header(kPliFormat);
}
RtcpHeader header_of(const FullIntraRequest&) {
  return payload_header(kFirFormat);
}
RtcpHeader header_of(const ReceiverEstimatedMaximumBitrate&) {
  return payload_header(kApplicationFormat);
}

void write_body(ByteWriter& out, const Nack& nack) {
  out.u32(nack.sender.value()).u32(nack.media.value());
  for (const auto& item : nack.items) out.u16(item.packet_id.value()).u16(item.following_lost);
}

void write_body(ByteWriter& out, const Tmmbr& request) {
  out.u32(request.sender.value()).u32(0);  // RFC 5104 §4.2.1.2: the media source is not used
  write_limits(out, request.limits);
}

void write_body(ByteWriter& out, const Tmmbn& notification) {
  out.u32(notification.sender.value()).u32(0);
  write_limits(out, notification.limits);
}

void write_body(ByteWriter& out, const TransportFeedback& feedback) {
  out.u32(feedback.sender.value()).u32(feedback.media.value());
  feedback.write_control(out);
}

void write_body(ByteWriter& out, const PictureLossIndication& indication) {
  out.u32(indication.sender.value()).u32(indication.media.value());
}

void write_body(ByteWriter& out, const FullIntraRequest& request) {
  out.u32(request.sender.value()).u32(0);  // RFC 5104 §4.3.1.2: the entries name the sources
  for (const auto& entry : request.entries) {
    out.u32(entry.ssrc.value()).u8(entry.sequence_number).zeros(3);
  }
}

void write_body(ByteWriter& out, const ReceiverEstimatedMaximumBitrate& estimate) {
  assert(estimate.ssrcs.size() <= 255);
  const auto rate = to_floating(estimate.bitrate, 18);
  out.u32(estimate.sender.value()).u32(0).text(kRembName);
  out.u8(estimate.ssrcs.size()).u24(rate.exponent << 18u | rate.mantissa);
  for (const auto ssrc : estimate.ssrcs) out.u32(ssrc.value());
}

}  // namespace rtclab::rtp
