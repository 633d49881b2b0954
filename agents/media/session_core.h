// The inside of a session. Private to this folder.
//
//   session.cc               the public face             session_configuration.cc   sections,
//   encodings, SSRCs session_sending.cc       sources, pacer, packets     session_receiving.cc RTP
//   in session_feedback.cc      RTCP in                     session_reports.cc         RTCP out
//   session_rate.cc          targets of the layers       session_statistics.cc      the snapshot
#pragma once

#include "agents/media/circuit_breaker.h"
#include "agents/media/demultiplexer.h"
#include "agents/media/pacer.h"
#include "agents/media/receive_stream.h"
#include "agents/media/receiver_estimate.h"
#include "agents/media/ring.h"
#include "agents/media/rtcp_scheduler.h"
#include "agents/media/send_stream.h"
#include "agents/media/sent_packets.h"
#include "agents/media/session.h"
#include "agents/media/transport_arrivals.h"
#include "agents/rtp/rtcp.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::media {

class Session::Core {
 public:
  Core(const SessionOptions& options, Rng& rng, std::unique_ptr<RateController> controller);

  void configure(Instant now, const Configuration& configuration);
  void set_writable(Instant now, bool writable);
  void set_source(Instant now, std::string_view mid, std::unique_ptr<EncodedSource> source);
  void handle_rtp(Instant now, ByteView packet);
  void handle_rtcp(Instant now, ByteView packet);
  // Does what is due.
  void pump(Instant now);
  std::optional<Wakeup> next_wakeup() const;
  std::optional<OutgoingPacket> poll_packet();
  std::optional<SessionEvent> poll_event();
  void close(Instant now);
  Statistics statistics() const;

 private:
  // What a section sends, by its mid: a source may be there before its section.
  struct Feed {
    std::unique_ptr<EncodedSource> source;
    bool running = false;
    std::vector<LayerTarget> targets;
  };
  struct SectionState {
    Section value;
    std::optional<Instant> wanted_since;  // while it is to be received
  };
  // A remote SSRC that has gone keeps its statistics.
  struct Inbound {
    std::unique_ptr<ReceiveStream> stream;
    bool gone = false;
    Instant heard{};  // by RTP or RTCP
    std::optional<std::uint32_t> rtx_ssrc{};
  };

  // --- session_configuration.cc ---
  void adopt_sections(Instant now);
  void adopt_send_streams();
  void adopt_receive_streams();
  void set_formats(SendStream& stream);
  void ask_for_key_frame(const SendIdentity& identity);
  [[nodiscard]] std::optional<SendFormat> choose_format(const Section& section) const;
  [[nodiscard]] std::uint32_t draw_ssrc();
  [[nodiscard]] bool is_ours(std::uint32_t ssrc) const;
  [[nodiscard]] bool is_signalled_remote(std::uint32_t ssrc) const;
  std::unique_ptr<SendStream> make_stream(const Section& section, const Encoding& encoding,
                                          std::size_t layer);
  void say_goodbye(const SendStream& stream);
  void change_ssrc(SendStream& stream);
  void update_feeds(Instant now);
  void update_bandwidth();
  [[nodiscard]] const SectionState* section(std::string_view mid) const;
  [[nodiscard]] static std::vector<Encoding> encodings_of(const Section& section);

  // --- session_sending.cc ---
  void produce(Instant now);
  void send(Instant now, QueuedPacket packet);
  [[nodiscard]] SendStream* stream_of(std::string_view mid, std::size_t layer) const;
  [[nodiscard]] SendStream* stream_by_id(std::uint32_t id);
  [[nodiscard]] SendStream* stream_by_ssrc(std::uint32_t ssrc);
  [[nodiscard]] bool deviates(Deviation deviation) const {
    return options_.deviations.has(deviation);
  }
  [[nodiscard]] bool may_send() const { return writable_ && !broken_ && !closed_; }

  // --- session_receiving.cc ---
  void receive(Instant now, const PacketView& packet);
  void receive_rtx(Instant now, const PacketView& packet, const Route& route);
  [[nodiscard]] Inbound& inbound(Instant now, const Route& route);
  [[nodiscard]] Inbound* find_inbound(std::uint32_t ssrc);
  [[nodiscard]] ReceiveFeedback feedback_of(const Section& section) const;
  void unknown(const PacketView& packet, std::string_view why);
  void collide(std::uint32_t ssrc);
  void remove_source(Inbound& source, std::string_view why);
  void time_sources_out(Instant now);

  // --- session_feedback.cc ---
  void receive(Instant now, const rtp::SenderReport& report);
  void receive(Instant now, const rtp::ReceiverReport& report);
  void receive(Instant now, const rtp::SourceDescription& description);
  void receive(Instant now, const rtp::Goodbye& goodbye);
  void receive(Instant now, const rtp::Nack& nack);
  void receive(Instant now, const rtp::PictureLossIndication& indication);
  void receive(Instant now, const rtp::FullIntraRequest& request);
  void receive(Instant now, const rtp::TransportFeedback& feedback);
  void receive(Instant now, const rtp::ReceiverEstimatedMaximumBitrate& estimate);
  void receive(Instant now, const rtp::Tmmbr& request);
  template <class Other>
  void receive(Instant, const Other&) {}
  void receive_blocks(Instant now, const std::vector<rtp::ReportBlock>& blocks);
  void receive_block(Instant now, SendStream& stream, const rtp::ReportBlock& block);
  void request_key_frame(Instant now, SendStream& stream, KeyFrameCause cause);
  void note_heard(Instant now, std::uint32_t ssrc);
  void note_round_trip(Duration measured);
  [[nodiscard]] Duration round_trip() const;

  // --- session_reports.cc ---
  struct Reporter {
    std::uint32_t ssrc;
    SendStream* stream;  // nullptr: we send nothing
    bool rtx, is_sender;
  };
  void do_rtcp(Instant now);
  [[nodiscard]] std::optional<Instant> feedback_due() const;
  [[nodiscard]] std::vector<Reporter> reporters();
  [[nodiscard]] std::vector<rtp::RtcpPacket> report(Instant now, const Reporter& reporter,
                                                    std::vector<rtp::ReportBlock> blocks) const;
  [[nodiscard]] std::vector<rtp::RtcpPacket> collect_feedback(Instant now);
  void collect_feedback(Instant now, Inbound& source, std::vector<rtp::RtcpPacket>& out);
  [[nodiscard]] rtp::Ssrc local_ssrc(std::string_view mid) const;
  [[nodiscard]] RtcpSession rtcp_session() const;
  [[nodiscard]] rtp::SourceDescription description_of(std::uint32_t ssrc) const;
  [[nodiscard]] rtp::ReportBlock report_on(Instant now, ReceiveStream& stream) const;
  void send_regular(Instant now, std::vector<rtp::RtcpPacket> feedback);
  void send_early(Instant now, std::vector<rtp::RtcpPacket> feedback);
  void send_goodbyes(Instant now);
  void send_datagram(std::vector<rtp::RtcpPacket> packets, std::size_t ssrcs);
  [[nodiscard]] rtp::NtpTime ntp(Instant now) const;

  // --- session_rate.cc ---
  void update_limits(Instant now);
  void update_targets();
  [[nodiscard]] std::vector<LayerTarget> wishes_of(const Section& section) const;
  [[nodiscard]] std::vector<LayerTarget> audio_targets(const Section& section) const;
  [[nodiscard]] std::vector<LayerTarget> video_targets(const Section& section,
                                                       std::uint64_t share) const;
  void announce(const RateDecision& decision);
  void set_targets(Feed& feed, std::string_view mid, std::vector<LayerTarget> targets);
  [[nodiscard]] std::vector<std::uint64_t> layer_caps(const Section& section) const;
  [[nodiscard]] bool sends(const Section& section) const;
  [[nodiscard]] std::uint64_t limit_of(const Section& section) const;

  SessionOptions options_;
  SeededRng rng_;
  std::unique_ptr<RateController> controller_;
  Configuration configuration_;
  std::vector<SectionState> sections_;
  std::map<std::string, Feed, std::less<>> feeds_;
  std::vector<std::unique_ptr<SendStream>> streams_;  // by section, then encoding
  std::vector<Inbound> inbound_;                      // in the order in which they were first heard
  Demultiplexer demultiplexer_;
  std::uint32_t next_stream_id_ = 1;
  std::uint32_t counted_ssrcs_ = 0;  // Deviation::RtpCountingSsrcs
  unsigned reports_ = 0;             // Deviation::RtcpCnameChanges
  std::uint32_t foreign_ssrc_ = 0;   // Deviation::RtcpForeignSsrc
  std::uint32_t receiver_ssrc_ = 0;  // who reports while we send nothing
  bool writable_ = false, broken_ = false, closed_ = false;

  Pacer pacer_;
  SentPackets sent_packets_;
  EncodedFrame frame_;
  Ring<OutgoingPacket> out_;
  Ring<SessionEvent> events_;

  RtcpScheduler scheduler_;
  TransportArrivals arrivals_;
  ReceiverEstimate estimate_;
  bool wants_transport_feedback_ = false, wants_remb_ = false;
  std::vector<std::uint32_t> leaving_;                         // SSRCs to say BYE for
  std::vector<rtp::BitrateLimit> limits_to_confirm_;           // TMMBN
  std::map<std::uint32_t, std::uint64_t> limits_;              // by TMMBR, of our SSRCs, bit/s
  std::map<std::uint32_t, std::uint8_t> fir_seen_, fir_sent_;  // sequence numbers by SSRC
  std::map<std::uint32_t, Instant> key_frame_made_;
  std::vector<PacketResult> results_;
  std::vector<rtp::SequenceNumber> lost_;
  std::optional<Duration> round_trip_time_;
  CircuitBreaker breaker_;
  RateDecision announced_{};
  std::vector<std::uint32_t> unknown_told_;
  Statistics counters_{};  // the sums that belong to no stream
};

}  // namespace rtclab::media
