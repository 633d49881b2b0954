// One TCP connection, sans-I/O: segments and time in, segments and events out.
//
// Spec: RFC 9293 (with RFC 5961's caution against forged RST and SYN, which it includes), RFC 6298,
// RFC 5681, RFC 6582. Opens actively, passively, and from both sides at once (§3.5, figure 7).
// Differs: no urgent data, no options but MSS, no keep-alives; what is written is sent at once, as
// with TCP_NODELAY (Nagle's algorithm, §3.7.4, would make signalling wait for acknowledgments).
// The owner drains poll_event() and then poll_segment() after each call; an acknowledgment so rides
// on what the program answers at that instant.
#pragma once

#include "agents/base/io.h"
#include "agents/base/time.h"
#include "sim/host/tcp_congestion.h"
#include "sim/host/tcp_receive_buffer.h"
#include "sim/host/tcp_rto.h"
#include "sim/host/tcp_segment.h"
#include "sim/host/tcp_state.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <variant>

namespace rtclab::tcp {

using namespace std::chrono_literals;

struct Options {
  std::uint16_t mss = 1460;               // what we take; the peer says what it takes
  std::uint32_t receive_buffer = 65'535;  // no window scaling
  RetransmissionTimeout::Limits rto{1s, 1s, 60s};
  Duration syn_patience = 180s;  // RFC 9293 §3.8.3: R2 of a SYN, at least 3 minutes
  Duration patience = 900s;      // and of data, at least 100 s; Linux' 15 repetitions take as long
  Duration time_wait = 60s;      // Deviation: RFC 9293 §3.4.2 says 4 minutes; everybody waits one
  std::optional<Duration> delayed_ack;  // RFC 5681 §4.2: less than 500 ms
};

struct Connected {};
struct Readable {};  // told once until read() has emptied the buffer
struct Finished {};  // the peer's FIN: nothing follows what is readable now
struct Ended {
  std::string_view why;
};
using ConnectionEvent = std::variant<Connected, Readable, Finished, Ended>;

class Connection {
 public:
  Connection(const Path& path, const Options& options, Sequence first);

  // One of the two, once: sends a SYN, or answers one.
  void open(Instant now);
  void accept(Instant now, const Segment& syn);

  void handle_segment(Instant now, const Segment& segment);
  // ICMP said that nobody is there.
  void handle_refusal(Instant now);
  void handle_timeout(Instant now);
  // No segment is to have a larger payload. If that is less than before, what is on its way counts
  // as lost for its size: it goes again at once, and no congestion is concluded (RFC 1191 §6.4).
  void limit_mss(Instant now, std::uint16_t mss);
  [[nodiscard]] std::optional<Segment> poll_segment();
  [[nodiscard]] std::optional<ConnectionEvent> poll_event();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;

  // Takes all of `data`; what the windows do not admit waits. Ignored after close().
  void send(Instant now, ByteView data);
  [[nodiscard]] Bytes read(Instant now, std::size_t most);
  void close(Instant now);  // a FIN follows what was sent; the other direction stays open
  void abort(Instant now);  // RST

  [[nodiscard]] const Path& path() const { return path_; }
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] std::size_t unacknowledged() const { return outgoing_.size(); }
  [[nodiscard]] const Congestion& congestion() const { return congestion_; }
  [[nodiscard]] Duration retransmission_timeout() const { return rto_.value(); }

 private:
  enum class Deadline : std::uint8_t { Retransmit, Probe, DelayedAck, TimeWait, Count };
  struct Timing {
    Sequence end;
    Instant sent;
  };

  void handle_in_syn_sent(const Segment& segment);
  void handle_synchronized(Segment segment);
  void take_syn(const Segment& segment);
  [[nodiscard]] bool is_acceptable(const Segment& segment) const;
  [[nodiscard]] bool is_duplicate(const Segment& segment) const;
  void take_reset(const Segment& segment);
  [[nodiscard]] bool take_acknowledgment(const Segment& segment);
  void acknowledged(Sequence ack);
  void take_window(const Segment& segment);
  void take_payload(const Segment& segment);
  void take_fin();

  void retransmit();
  void probe();
  void arm_probe();
  [[nodiscard]] bool is_waiting_for_window() const;
  [[nodiscard]] std::uint32_t unsent() const;
  [[nodiscard]] std::uint32_t sendable() const;
  [[nodiscard]] Sequence end_of_data() const;
  [[nodiscard]] Sequence next_to_send() const;
  [[nodiscard]] Segment make(Sequence seq);
  [[nodiscard]] Segment make_reset(Sequence seq);
  [[nodiscard]] Segment make_syn();
  [[nodiscard]] Segment make_data(Sequence seq, std::uint32_t octets);
  [[nodiscard]] Segment make_probe();
  void note_sent(Sequence end);

  void move(Cause cause);
  void end(std::string_view why);
  void reset(std::string_view why);
  void tell_end(std::string_view why);
  [[nodiscard]] std::optional<Instant>& deadline(Deadline which) {
    return deadlines_[static_cast<std::size_t>(which)];
  }
  [[nodiscard]] bool is_open_for_sending() const;
  [[nodiscard]] bool is_consistent() const;

  Path path_;
  Options options_;
  State state_ = State::SynSent;
  Instant now_{};

  // Sending: RFC 9293 §3.3.1. una <= nxt <= max; nxt is behind max after a timeout only.
  Sequence iss_;
  Sequence una_;
  Sequence nxt_;
  Sequence max_;
  std::uint32_t window_ = 0;
  std::uint32_t largest_window_ = 0;
  Sequence window_seq_{0};  // SND.WL1
  Sequence window_ack_{0};  // SND.WL2
  std::uint32_t mss_;
  std::deque<std::byte> outgoing_;  // from una (or the first octet) on
  bool fin_queued_ = false;
  RetransmissionTimeout rto_;
  Congestion congestion_;
  std::optional<Timing> timing_;
  Instant progress_{};  // when what is outstanding was first sent or last acknowledged
  Instant heard_{};
  Instant sent_{};
  unsigned expiries_ = 0;  // of the retransmission timer, without progress
  unsigned probes_ = 0;

  // Receiving
  Sequence irs_{0};
  ReceiveBuffer incoming_;
  std::optional<Sequence> fin_at_;
  unsigned unacked_segments_ = 0;

  // What poll_segment() still has to send
  bool syn_due_ = false;
  bool retransmission_due_ = false;
  bool probe_due_ = false;
  bool ack_due_ = false;
  std::optional<Segment> reset_due_;

  bool readable_told_ = false;
  bool end_told_ = false;
  std::deque<ConnectionEvent> events_;
  std::array<std::optional<Instant>, static_cast<std::size_t>(Deadline::Count)> deadlines_{};
};

}  // namespace rtclab::tcp
