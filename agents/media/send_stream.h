// One stream that we send: an SSRC, with that of its retransmissions.
//
// Spec: RFC 3550 §5.1 (numbers and timestamps), §6.4.1 (what an SR counts), RFC 4588
// (retransmission), RFC 8852 (rids), RFC 9143 §15 (MID in the first packets).
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/rng.h"
#include "agents/media/configuration.h"
#include "agents/media/outgoing_header.h"
#include "agents/media/pacer.h"
#include "agents/media/packet_history.h"
#include "agents/media/payload_format.h"
#include "agents/media/rtp_clock.h"
#include "agents/media/source.h"
#include "agents/media/statistics.h"
#include "agents/rtp/reports.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace rtclab::media {

// The codec of a section as far as a sender must know it.
struct SendFormat {
  std::uint8_t type = 0;
  std::uint32_t clock_rate = 90000;
  Packetization packetization = Packetization::Whole;
  // The RTX of each format that the section may carry now, by the type that it repeats: what was
  // sent before a change of codec is repeated as what it was (RFC 4588 §8.6, apt).
  std::map<std::uint8_t, std::uint8_t> rtx_types{};
  [[nodiscard]] std::optional<std::uint8_t> rtx_of(std::uint8_t repeated) const {
    const auto found = rtx_types.find(repeated);
    return found == rtx_types.end() ? std::nullopt : std::optional{found->second};
  }
  [[nodiscard]] std::optional<std::uint8_t> rtx_type() const { return rtx_of(type); }
  friend bool operator==(const SendFormat&, const SendFormat&) = default;
};

struct SendIdentity {
  std::uint32_t id = 0;  // of this object in its session; never used twice
  Kind kind = Kind::Audio;
  std::string mid, rid;
  std::size_t layer = 0;
};

class SendStream {
 public:
  SendStream(SendIdentity identity, std::uint32_t ssrc, std::uint32_t rtx_ssrc, SeededRng rng,
             const Deviations& deviations);

  [[nodiscard]] const SendIdentity& identity() const { return identity_; }
  [[nodiscard]] std::uint32_t ssrc() const { return ssrc_; }
  [[nodiscard]] std::uint32_t rtx_ssrc() const { return rtx_ssrc_; }
  [[nodiscard]] bool uses(std::uint32_t ssrc) const;

  // A change of the clock rate starts the timestamps anew; that needs another SSRC (RFC 8834 §4.3),
  // which is the owner's business.
  void set_format(const SendFormat& format, const ExtensionIds& ids, std::size_t max_packet);
  [[nodiscard]] const std::optional<SendFormat>& format() const { return format_; }

  // Cuts the frame and queues its packets.
  void packetize(Instant now, const EncodedFrame& frame, Pacer& pacer);
  // Queues the packet once more as RTX; false: it is not known any more, or has just been resent.
  bool retransmit(Instant now, rtp::SequenceNumber sequence, Duration round_trip_time,
                  Pacer& pacer);
  // The packet leaves now.
  void note_sent(Instant now, const QueuedPacket& packet);

  // RFC 3550 §6.4: an SR if something was sent since the one before the last report, else an RR.
  struct Reporter {
    std::uint32_t ssrc;
    bool is_sender;
  };
  [[nodiscard]] Reporter reporter() const { return {ssrc_, reports_as_sender_ > 0}; }
  [[nodiscard]] Reporter rtx_reporter() const { return {rtx_ssrc_, rtx_reports_as_sender_ > 0}; }
  [[nodiscard]] rtp::SenderReport sender_report(Instant now, rtp::NtpTime ntp, bool rtx) const;
  void note_reported();
  // Reports of the remote about this SSRC have come: it knows which section we mean.
  void note_known_to_remote() { known_to_remote_ = true; }
  // Whether anything was sent under this SSRC.
  [[nodiscard]] bool has_sent() const { return statistics_.packets_sent > 0; }
  [[nodiscard]] rtp::LongSequenceNumber first_sequence() const { return first_sequence_; }
  [[nodiscard]] rtp::LongSequenceNumber next_sequence() const { return sequence_; }

  // The owner reads and counts here: NACKs, key frame requests, remote reports, targets.
  OutboundStatistics& statistics() { return statistics_; }
  [[nodiscard]] const OutboundStatistics& statistics() const { return statistics_; }

 private:
  [[nodiscard]] OutgoingHeader header_for(const EncodedFrame& frame) const;

  SendIdentity identity_;
  std::uint32_t ssrc_, rtx_ssrc_;
  Deviations deviations_;
  rtp::LongSequenceNumber sequence_;  // of the next packet
  rtp::LongSequenceNumber first_sequence_;
  rtp::SequenceNumber rtx_sequence_;
  std::uint16_t picture_id_;
  RtpClock clock_;
  std::optional<SendFormat> format_;
  ExtensionIds ids_{};
  std::size_t max_packet_ = 1200;
  PacketHistory history_;
  bool known_to_remote_ = false;
  // Reports for which it still counts as a sender: 2 after each packet (RFC 3550 §6.4).
  unsigned reports_as_sender_ = 0, rtx_reports_as_sender_ = 0;
  std::uint32_t packets_ = 0, octets_ = 0;  // as SRs count them, wrapping
  std::uint32_t rtx_packets_ = 0, rtx_octets_ = 0;
  OutboundStatistics statistics_;
};

}  // namespace rtclab::media
