// RTCP: the packets as values, and the datagrams that carry several of them.
//
// Spec: RFC 3550 §6 and A.2; RFC 4585 §6.1 (feedback), RFC 5506 (reduced size), RFC 3611 (XR). A
// packet of another type or format is an UnknownRtcp, octet for octet; a receiver ignores it (RFC
// 3550 §6.1).
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"
#include "agents/rtp/extended_report.h"
#include "agents/rtp/feedback.h"
#include "agents/rtp/reports.h"
#include "agents/rtp/transport_feedback.h"
#include "agents/rtp/types.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rtclab::rtp {

enum class RtcpType : std::uint8_t {
  SenderReport = 200,
  ReceiverReport = 201,
  SourceDescription = 202,
  Goodbye = 203,
  ApplicationDefined = 204,
  TransportLayerFeedback = 205,   // RTPFB
  PayloadSpecificFeedback = 206,  // PSFB
  ExtendedReport = 207,
};

// RFC 3550 §6.5; RFC 8852 §4.1 and RFC 9143 §15.1 for the last three.
enum class SdesType : std::uint8_t {
  Cname = 1,
  Name = 2,
  Email = 3,
  Phone = 4,
  Location = 5,
  Tool = 6,
  Note = 7,
  Private = 8,
  RtpStreamId = 12,
  RepairedRtpStreamId = 13,
  Mid = 15,
};
struct SdesItem {
  SdesType type = SdesType::Cname;  // may be a number that has no name here, never 0
  std::string text;                 // at most 255 octets
  friend bool operator==(const SdesItem&, const SdesItem&) = default;
};
struct SdesChunk {
  Ssrc source{0};
  std::vector<SdesItem> items;

  [[nodiscard]] std::optional<std::string_view> find(SdesType type) const;
  friend bool operator==(const SdesChunk&, const SdesChunk&) = default;
};
struct SourceDescription {
  std::vector<SdesChunk> chunks;  // at most 31
  friend bool operator==(const SourceDescription&, const SourceDescription&) = default;
};

struct Goodbye {
  std::vector<Ssrc> sources;          // at most 31
  std::optional<std::string> reason;  // at most 255 octets
  friend bool operator==(const Goodbye&, const Goodbye&) = default;
};

struct ApplicationDefined {
  std::uint8_t subtype = 0;  // 5 bits
  Ssrc source{0};
  std::string name;  // four characters
  Bytes data;        // a multiple of four
  friend bool operator==(const ApplicationDefined&, const ApplicationDefined&) = default;
};

struct UnknownRtcp {
  std::uint8_t type = 0;
  std::uint8_t count = 0;  // the five bits behind version and padding: a count, subtype or format
  Bytes body;              // behind the four octets of header; a multiple of four
  friend bool operator==(const UnknownRtcp&, const UnknownRtcp&) = default;
};

using RtcpPacket =
    std::variant<SenderReport, ReceiverReport, SourceDescription, Goodbye, ApplicationDefined, Nack,
                 Tmmbr, Tmmbn, TransportFeedback, PictureLossIndication, FullIntraRequest,
                 ReceiverEstimatedMaximumBitrate, ExtendedReport, UnknownRtcp>;

// "SR", "RR", "SDES", "BYE", "APP", "NACK", "TMMBR", "TMMBN", "transport-cc", "PLI", "FIR", "REMB",
// "XR", "RTCP".
[[nodiscard]] std::string_view name(const RtcpPacket& packet);
// Who sent it; nullopt where the packet does not say.
[[nodiscard]] std::optional<Ssrc> sender(const RtcpPacket& packet);

// What a datagram must begin with: with reduced size anything (RFC 5506 §3.4.2), else a report
// (RFC 3550 §6.1).
enum class RtcpForm : std::uint8_t { Compound, ReducedSize };

struct CompoundPacket {
  std::vector<RtcpPacket> packets;  // at least one
  std::uint8_t padding = 0;         // octets at the end, a multiple of four

  // Every packet of the datagram or the first flaw.
  [[nodiscard]] static Result<CompoundPacket> parse(ByteView octets,
                                                    RtcpForm form = RtcpForm::ReducedSize);
  [[nodiscard]] Bytes serialize() const;

  // The first packet of this kind, or null.
  template <class T>
  [[nodiscard]] const T* find() const {
    for (const auto& packet : packets) {
      if (const auto* const found = std::get_if<T>(&packet)) return found;
    }
    return nullptr;
  }
  friend bool operator==(const CompoundPacket&, const CompoundPacket&) = default;
};

}  // namespace rtclab::rtp
