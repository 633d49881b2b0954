// One stream that we receive: a remote SSRC, with the RTX stream that repairs it.
//
// Spec: RFC 3550 §6.4 (reports), RFC 4585 §6.2.1, §6.3.1 (NACK, PLI), RFC 5104 §4.3.1 (FIR), RFC
// 4588.
#pragma once

#include "agents/media/audio_buffer.h"
#include "agents/media/event.h"
#include "agents/media/nack_tracker.h"
#include "agents/media/packet_view.h"
#include "agents/media/payload_format.h"
#include "agents/media/reception.h"
#include "agents/media/ring.h"
#include "agents/media/session.h"
#include "agents/media/smoothness.h"
#include "agents/media/statistics.h"
#include "agents/media/video_buffer.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace rtclab::media {

// What of the feedback its section has negotiated.
struct ReceiveFeedback {
  bool nack = false, pli = false, fir = false;
  friend bool operator==(const ReceiveFeedback&, const ReceiveFeedback&) = default;
};

struct ReceiveIdentity {
  std::uint32_t ssrc = 0;
  std::string mid, rid;
  Kind kind = Kind::Audio;
  std::uint32_t clock_rate = 90000;
  Instant wanted_since{};  // since when the section is to be received
};

class ReceiveStream final : private FateSink {
 public:
  // `events` outlives this object.
  ReceiveStream(ReceiveIdentity identity, const SessionOptions& options,
                Ring<SessionEvent>& events);

  [[nodiscard]] const ReceiveIdentity& identity() const { return identity_; }
  void set_feedback(const ReceiveFeedback& feedback, const SessionOptions& options);
  [[nodiscard]] const ReceiveFeedback& feedback() const { return feedback_; }

  struct Packet {
    const PacketView& view;
    ByteView
        payload;  // of the codec: without RTX's and RED's own octets; empty: only a sequence number
    std::uint8_t payload_type;
    Packetization packetization;
    std::optional<std::uint8_t> audio_level{};
  };
  void receive(Instant now, const Packet& packet);
  // `view` is the RTX packet, the rest is the original's.
  void receive_rtx(Instant now, const Packet& rtx, rtp::SequenceNumber original);
  void receive_sender_report(Instant now, const rtp::SenderReport& report);
  void drain(Instant now);
  [[nodiscard]] std::optional<Instant> next_wakeup() const;

  // When feedback is wanted: at or before now means now.
  [[nodiscard]] std::optional<Instant> feedback_due(Duration round_trip_time) const;
  // The packets to ask for, which count as asked for; empty: none.
  void collect_nack(Instant now, Duration round_trip_time, std::vector<rtp::SequenceNumber>& out);
  // Whether a key frame is to be asked for now; counts as done.
  [[nodiscard]] bool take_key_frame_request(Instant now, Duration round_trip_time);

  // Heard since the last report (RFC 3550 §6.4: only such sources are reported on).
  [[nodiscard]] bool heard_since_report() const { return heard_since_report_; }
  [[nodiscard]] rtp::ReportBlock report(Instant now);
  [[nodiscard]] const std::optional<Instant>& last_heard() const { return statistics_.last_packet; }

  [[nodiscard]] rtp::LongSequenceNumber highest() const { return reception_.highest(); }
  [[nodiscard]] InboundStatistics statistics() const;
  InboundStatistics& counters() { return statistics_; }

 private:
  void frame(const Frame& frame) override;
  void packet(rtp::LongSequenceNumber sequence, PacketFate fate) override;
  void count(Instant now, const Packet& packet);
  void insert(Instant now, const BufferedPacket& packet);
  void restart();
  void report_frame(const Frame& frame);
  [[nodiscard]] std::optional<Instant> key_frame_due(Duration round_trip_time) const;

  ReceiveIdentity identity_;
  FateReports fates_;
  Ring<SessionEvent>& events_;
  ReceiveFeedback feedback_{};
  Reception reception_;
  NackTracker nack_;
  std::variant<AudioBuffer, VideoBuffer> buffer_;
  Smoothness smoothness_;
  bool heard_since_report_ = false;
  std::optional<Instant> key_asked_;
  double energy_per_second_ = 0;  // of the latest audio level
  InboundStatistics statistics_;
};

}  // namespace rtclab::media
