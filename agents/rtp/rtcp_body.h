// The bodies of RTCP packets, one reader and one writer each. Private to this folder; rtcp.cc puts
// the headers before them.
//
// Readers get what stands behind the four octets of header, without padding, and where that begins
// in the datagram. Spec: see the header of each value.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"
#include "agents/rtp/rtcp.h"

#include <cstddef>
#include <cstdint>

namespace rtclab::rtp {

// FMT of RTPFB for transport-wide feedback.
inline constexpr std::uint8_t kTransportFeedbackFormat = 15;

// `count` is the five bits of the header: report count, source count, subtype or format.
struct RtcpBody {
  std::uint8_t count;
  ByteView octets;
  std::size_t offset;

  [[nodiscard]] auto flaw(Flaw kind, std::size_t at, Rule rule) const {
    return fail(kind, offset + at, rule);
  }
};

[[nodiscard]] Result<RtcpPacket> read_sender_report(const RtcpBody& body);
[[nodiscard]] Result<RtcpPacket> read_receiver_report(const RtcpBody& body);
[[nodiscard]] Result<RtcpPacket> read_source_description(const RtcpBody& body);
[[nodiscard]] Result<RtcpPacket> read_goodbye(const RtcpBody& body);
[[nodiscard]] Result<RtcpPacket> read_application_defined(const RtcpBody& body);
[[nodiscard]] Result<RtcpPacket> read_transport_layer_feedback(const RtcpBody& body);
[[nodiscard]] Result<RtcpPacket> read_payload_specific_feedback(const RtcpBody& body);

// The header's type and count of what write_body() writes.
struct RtcpHeader {
  std::uint8_t type;
  std::uint8_t count;
};
[[nodiscard]] RtcpHeader header_of(const SenderReport& report);
[[nodiscard]] RtcpHeader header_of(const ReceiverReport& report);
[[nodiscard]] RtcpHeader header_of(const SourceDescription& description);
[[nodiscard]] RtcpHeader header_of(const Goodbye& goodbye);
[[nodiscard]] RtcpHeader header_of(const ApplicationDefined& packet);
[[nodiscard]] RtcpHeader header_of(const Nack& nack);
[[nodiscard]] RtcpHeader header_of(const Tmmbr& request);
[[nodiscard]] RtcpHeader header_of(const Tmmbn& notification);
[[nodiscard]] RtcpHeader header_of(const TransportFeedback& feedback);
[[nodiscard]] RtcpHeader header_of(const PictureLossIndication& indication);
[[nodiscard]] RtcpHeader header_of(const FullIntraRequest& request);
[[nodiscard]] RtcpHeader header_of(const ReceiverEstimatedMaximumBitrate& estimate);
[[nodiscard]] RtcpHeader header_of(const ExtendedReport& report);
[[nodiscard]] RtcpHeader header_of(const UnknownRtcp& packet);

void write_body(ByteWriter& out, const SenderReport& report);
void write_body(ByteWriter& out, const ReceiverReport& report);
void write_body(ByteWriter& out, const SourceDescription& description);
void write_body(ByteWriter& out, const Goodbye& goodbye);
void write_body(ByteWriter& out, const ApplicationDefined& packet);
void write_body(ByteWriter& out, const Nack& nack);
void write_body(ByteWriter& out, const Tmmbr& request);
void write_body(ByteWriter& out, const Tmmbn& notification);
void write_body(ByteWriter& out, const TransportFeedback& feedback);
void write_body(ByteWriter& out, const PictureLossIndication& indication);
void write_body(ByteWriter& out, const FullIntraRequest& request);
void write_body(ByteWriter& out, const ReceiverEstimatedMaximumBitrate& estimate);
void write_body(ByteWriter& out, const ExtendedReport& report);
void write_body(ByteWriter& out, const UnknownRtcp& packet);

}  // namespace rtclab::rtp
