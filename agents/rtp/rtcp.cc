#include "agents/rtp/rtcp.h"

#include "agents/rtp/rtcp_body.h"

#include <cassert>

namespace rtclab::rtp {
namespace {

constexpr Rule kRtcpRule{3550, "6.4.1"};
constexpr Rule kCompoundRule{3550, "6.1"};
constexpr unsigned kRtcpVersion = 2;
constexpr std::size_t kRtcpHeaderSize = 4;

// One packet of a datagram, as far as its header says.
struct Framed {
  std::uint8_t type;
  std::uint8_t padding;
  RtcpBody body;
};

//    |V=2|P|  count  |      type     |  length in 32-bit words - 1   |
Result<Framed> read_frame(ByteReader& in, ByteView octets) {
  const auto at = in.offset();
  const auto first = in.u8();
  const auto type = in.u8();
  const auto length = in.u16() * std::size_t{4};
  if (!in.ok()) return fail(Flaw::Truncated, octets.size(), kRtcpRule);
  if (first >> 6u != kRtcpVersion) return fail(Flaw::BadMagic, at, kRtcpRule);
  auto body = in.take(length);
  if (!in.ok()) return fail(Flaw::BadLength, at + 2, kRtcpRule);
  std::uint8_t padding = 0;
  if ((first & 0x20u) != 0) {
    // RFC 3550 §6.4.1: only the last packet of a datagram is padded, by a multiple of four.
    if (in.remaining() != 0) return fail(Flaw::BadValue, at, kRtcpRule);
    padding = body.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(body.back());
    // libwebrtc counts the octets that fill up a transport-wide feedback (fewer than four) as
    // padding; they belong to its body.
    const auto odd = padding % 4u;
    const bool may_be_odd = type == static_cast<std::uint8_t>(RtcpType::TransportLayerFeedback) &&
                            (first & 0x1fu) == kTransportFeedbackFormat;
    if (padding == 0 || (odd != 0 && !may_be_odd) || padding > body.size()) {
      return fail(Flaw::BadLength, octets.size() - 1, kRtcpRule);
    }
    padding = static_cast<std::uint8_t>(padding - odd);
    body = body.first(body.size() - padding);
  }
  const auto count = static_cast<std::uint8_t>(first & 0x1fu);
  return Framed{type, padding, {count, body, at + kRtcpHeaderSize}};
}

Result<RtcpPacket> read_packet(const Framed& frame) {
  const auto& body = frame.body;
  switch (static_cast<RtcpType>(frame.type)) {
    case RtcpType::SenderReport: return read_sender_report(body);
    case RtcpType::ReceiverReport: return read_receiver_report(body);
    case RtcpType::SourceDescription: return read_source_description(body);
    case RtcpType::Goodbye: return read_goodbye(body);
    case RtcpType::ApplicationDefined: return read_application_defined(body);
    case RtcpType::TransportLayerFeedback: return read_transport_layer_feedback(body);
    case RtcpType::PayloadSpecificFeedback: return read_payload_specific_feedback(body);
    case RtcpType::ExtendedReport:
      return ExtendedReport::parse_body(body.octets, body.offset).map([](ExtendedReport report) {
        return RtcpPacket{std::move(report)};
      });
  }
  return UnknownRtcp{frame.type, body.count, {body.octets.begin(), body.octets.end()}};
}

bool is_report(std::uint8_t type) {
  return static_cast<RtcpType>(type) == RtcpType::SenderReport ||
         static_cast<RtcpType>(type) == RtcpType::ReceiverReport;
}

struct Name {
  std::string_view operator()(const SenderReport&) const { return "SR"; }
  std::string_view operator()(const ReceiverReport&) const { return "RR"; }
  std::string_view operator()(const SourceDescription&) const { return "SDES"; }
  std::string_view operator()(const Goodbye&) const { return "BYE"; }
  std::string_view operator()(const ApplicationDefined&) const { return "APP"; }
  std::string_view operator()(const Nack&) const { return "NACK"; }
  std::string_view operator()(const Tmmbr&) const { return "TMMBR"; }
  std::string_view operator()(const Tmmbn&) const { return "TMMBN"; }
  std::string_view operator()(const TransportFeedback&) const { return "transport-cc"; }
  std::string_view operator()(const PictureLossIndication&) const { return "PLI"; }
  std::string_view operator()(const FullIntraRequest&) const { return "FIR"; }
  std::string_view operator()(const ReceiverEstimatedMaximumBitrate&) const { return "REMB"; }
  std::string_view operator()(const ExtendedReport&) const { return "XR"; }
  std::string_view operator()(const UnknownRtcp&) const { return "RTCP"; }
};

struct Sender {
  template <class T>
  std::optional<Ssrc> operator()(const T& packet) const {
    return packet.sender;
  }
  std::optional<Ssrc> operator()(const SourceDescription& description) const {
    if (description.chunks.empty()) return std::nullopt;
    return description.chunks.front().source;
  }
  std::optional<Ssrc> operator()(const Goodbye& goodbye) const {
    if (goodbye.sources.empty()) return std::nullopt;
    return goodbye.sources.front();
  }
  std::optional<Ssrc> operator()(const ApplicationDefined& packet) const { return packet.source; }
  std::optional<Ssrc> operator()(const UnknownRtcp&) const { return std::nullopt; }
};

}  // namespace

std::string_view name(const RtcpPacket& packet) {
  return std::visit(Name{}, packet);
}

std::optional<Ssrc> sender(const RtcpPacket& packet) {
  return std::visit(Sender{}, packet);
}

Result<CompoundPacket> CompoundPacket::parse(ByteView octets, RtcpForm form) {
  if (octets.empty()) return fail(Flaw::Truncated, 0, kCompoundRule);
  CompoundPacket compound;
  ByteReader in{octets};
  while (in.remaining() != 0) {
    const auto at = in.offset();
    const auto frame = read_frame(in, octets);
    if (!frame) return tl::make_unexpected(frame.error());
    if (at == 0 && form == RtcpForm::Compound && !is_report(frame->type)) {
      return fail(Flaw::BadValue, 1, kCompoundRule);
    }
    auto packet = read_packet(*frame);
    if (!packet) return tl::make_unexpected(packet.error());
    compound.packets.push_back(*std::move(packet));
    compound.padding = frame->padding;
  }
  return compound;
}

Bytes CompoundPacket::serialize() const {
  assert(!packets.empty() && padding % 4 == 0);
  ByteWriter out;
  for (const auto& packet : packets) {
    const auto begin = out.size();
    const bool padded = padding != 0 && &packet == &packets.back();
    const auto header = std::visit([](const auto& value) { return header_of(value); }, packet);
    assert(header.count < 32);
    out.u8(kRtcpVersion << 6u | (padded ? 0x20u : 0u) | header.count).u8(header.type).u16(0);
    std::visit([&out](const auto& value) { write_body(out, value); }, packet);
    if (padded) out.zeros(padding - 1u).u8(padding);
    assert(out.size() % 4 == 0);
    out.patch_u16(begin + 2, (out.size() - begin) / 4 - 1);
  }
  return out.take();
}

}  // namespace rtclab::rtp
