// The conductor: the state machine of an association. Private to this folder.
//
// One class in six files: association.cc (calls of the owner), association_handshake.cc (§5),
// association_admission.cc (§8.4, §8.5: which packets are ours), association_receive.cc (§6: what
// they do), association_transmit.cc (what leaves) and association_timers.cc (what expires, and §9:
// the end).
#pragma once

#include "agents/sctp/association.h"
#include "agents/sctp/deviate.h"
#include "agents/sctp/packet.h"
#include "agents/sctp/retransmission_timeout.h"
#include "agents/sctp/send_queue.h"
#include "agents/sctp/state_cookie.h"
#include "agents/sctp/timers.h"
#include "agents/sctp/transmission_control_block.h"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::sctp {

class Association::Core {
 public:
  Core(const Options& options, Rng& rng);

  void connect(Instant now);
  void handle_packet(Instant now, ByteView octets);
  void handle_timeout(Instant now);
  [[nodiscard]] SendStatus send(Instant now, StreamId stream, OutgoingMessage message);
  void reset_streams(Instant now, std::span<const StreamId> streams);
  void shutdown(Instant now);
  void abort(std::string_view reason);

  [[nodiscard]] std::optional<Wakeup> next_wakeup() const { return timers_.next(); }
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<AssociationEvent> poll_event();
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] SendQueue& queue() { return queue_; }
  [[nodiscard]] Metrics metrics() const;

 private:
  // --- association_handshake.cc ---
  void send_init(Instant now);
  void handle(Instant now, const InitChunk& chunk);
  void handle(Instant now, const InitAckChunk& chunk);
  void handle(Instant now, const CookieEchoChunk& chunk);
  void handle(Instant now, const CookieAckChunk& chunk);
  void handle_stale_cookie(Instant now);
  void meet_existing(Instant now, const StateCookie& cookie);
  void restart_from(Instant now, const StateCookie& cookie);
  void become_established(Instant now, std::string_view reason);
  void send_stale_cookie(Instant now, const StateCookie& cookie);
  // Another tag of the same peer, before it has sent data (RFC 9260 §5.2.4 action B).
  [[nodiscard]] bool replace_peer(const PeerInit& peer);
  void create_block(const PeerInit& peer);
  [[nodiscard]] InitBody own_init(const LocalInit& local) const;

  // --- association_admission.cc ---
  enum class Admission : std::uint8_t { Accepted, OutOfTheBlue, Refused };
  [[nodiscard]] Admission admit(const Packet& packet) const;
  void answer_out_of_the_blue(const Packet& packet);

  // --- association_receive.cc ---
  void handle(Instant now, DataChunk& chunk);
  void handle(Instant now, IDataChunk& chunk);
  template <class DataLike>
  void take_data(DataLike& chunk);
  // RFC 8260 §2.2.3, §2.3.1: chunks of the other kind than agreed on end the association.
  [[nodiscard]] bool is_kind(DataKind kind);
  void handle(Instant now, const SackChunk& chunk);
  void handle(Instant now, HeartbeatChunk& chunk);
  void handle(Instant now, const HeartbeatAckChunk& chunk);
  void handle(Instant now, const AbortChunk& chunk);
  void handle(Instant now, const ShutdownChunk& chunk);
  void handle(Instant now, const ShutdownAckChunk& chunk);
  void handle(Instant now, const ErrorChunk& chunk);
  void handle(Instant now, const ShutdownCompleteChunk& chunk);
  void handle(Instant now, const ReConfigChunk& chunk);
  void handle(Instant now, const ForwardTsnChunk& chunk);
  void handle(Instant now, const IForwardTsnChunk& chunk);
  [[nodiscard]] std::optional<LongTsn> forwarded(Tsn new_cumulative_tsn);
  void handle(Instant now, const UnknownChunk& chunk);
  void apply(Instant now, const Outstanding::SackOutcome& outcome);
  void perform(const StreamReset::Reaction& reaction);
  void finish_packet(Instant now);
  void deliver_messages();

  // --- association_transmit.cc ---
  void flush(Instant now);
  void send_cookie_echo(Instant now);
  [[nodiscard]] bool may_send_data() const;
  void add_control(Instant now, PacketWriter& packet);
  void add_sack(PacketWriter& packet, bool data_follows);
  void add_data(Instant now, PacketWriter& packet);
  [[nodiscard]] bool window_admits() const;  // cwnd (RFC 9260 §6.1 rule B)
  [[nodiscard]] bool data_waits(Instant now);
  void resend_lost(Instant now, PacketWriter& packet);
  void send_new(Instant now, PacketWriter& packet);
  void request_resets(Instant now);
  void settle_abandoned();
  void report_low();
  [[nodiscard]] std::uint32_t own_window() const;
  [[nodiscard]] CommonHeader header_to(std::uint32_t tag) const;
  void send_alone(std::uint32_t tag, const Chunk& chunk);
  [[nodiscard]] Checksum checksum() const { return tcb_ ? tcb_->checksum : Checksum::Crc32c; }
  void transmit(Bytes packet);

  // --- association_timers.cc ---
  void t1_init_expired(Instant now);
  void t1_cookie_expired(Instant now);
  void t2_expired(Instant now);
  void t3_expired(Instant now);
  void heartbeat_due(Instant now);
  void heartbeat_unanswered(Instant now);
  void stream_reset_unanswered(Instant now);
  void schedule_heartbeat(Instant now);
  // Counts a failure; true when it was one too many and the association is closed.
  bool peer_lost(std::string_view what);
  // SHUTDOWN or SHUTDOWN ACK has left.
  [[nodiscard]] bool has_begun_to_end() const {
    return state_ == State::ShutdownSent || state_ == State::ShutdownAckSent;
  }
  void progress_shutdown(Instant now);
  void send_shutdown(Instant now);
  void send_shutdown_ack(Instant now);
  void abort_with(ErrorCause cause, CloseCause why, std::string reason);
  void close(CloseCause cause, std::string reason);

  // --- association.cc ---
  void set_state(State next, std::string_view reason);
  void emit(AssociationEvent event);
  void note(Event event) { outbox_.emplace_back(std::move(event)); }
  void discard(std::string_view reason, Rule rule);
  void note_retransmitted(std::string_view chunk, std::string_view reason);
  void note_retransmitted(Tsn tsn, std::string_view reason);
  [[nodiscard]] bool has(Deviation deviation) const { return options_.deviations.has(deviation); }
  [[nodiscard]] bool is_consistent() const;

  Options options_;
  Rng* rng_;
  CookieSealer cookies_;
  State state_ = State::Closed;
  bool ended_ = false;  // CLOSED for good, unlike CLOSED before the beginning
  Timers timers_;
  RetransmissionTimeout rto_;
  SendQueue queue_;
  std::optional<LocalInit> local_;
  std::optional<TransmissionControlBlock> tcb_;

  // The handshake.
  unsigned handshake_sends_ = 0;  // of INIT or COOKIE ECHO, whichever is on its way
  Instant handshake_sent_{};
  unsigned stale_cookies_ = 0;
  Bytes cookie_;
  std::vector<ErrorCause> init_ack_errors_;
  bool cookie_echo_due_ = false;
  bool shutdown_wanted_ = false;

  // What the next packet must carry.
  std::deque<Chunk> control_;
  bool forward_tsn_due_ = false;
  bool stream_reset_due_ = false;
  bool fast_retransmit_due_ = false;
  // RFC 9260 §6.1 rule A: the window is closed and one chunk may leave to ask.
  bool window_probe_due_ = false;
  bool probing_ = false;
  bool sack_since_probe_ = false;

  // The packet being processed.
  struct Arriving {
    CommonHeader header;
    bool has_data = false;
    bool wants_sack = false;  // at once
    bool discard_rest = false;
  };
  Arriving arriving_;
  std::uint32_t advertised_window_ = 0;
  bool first_sack_left_ = false;  // for deviations

  PacketDeviation deviation_;
  std::deque<Output> outbox_;
  std::deque<AssociationEvent> events_;
  std::uint64_t packets_sent_ = 0;
  std::uint64_t packets_received_ = 0;
  std::uint64_t retransmitted_ = 0;
};

}  // namespace rtclab::sctp
