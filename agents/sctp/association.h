// One SCTP association over DTLS: from INIT to SHUTDOWN COMPLETE, sans I/O.
//
// Spec: RFC 9260 (SCTP), RFC 8261 (over DTLS: one path, no addresses in INIT), RFC 3758 and RFC
// 7496 (partial reliability), RFC 6525 (stream reset), RFC 8260 (interleaving), RFC 9653 (zero
// checksum). The path MTU is fixed, at what DTLS leaves of 1200 octets: RFC 8261 §5 allows that
// where it is not discovered. Shaped like dcSCTP: one state machine here, one noun per file around
// it, all that exists only while there is a peer in the TransmissionControlBlock.
//
// Both sides may connect() at once, as WebRTC has them do. After each call drain poll_output(),
// then poll_event().
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/event.h"
#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/sctp/event.h"
#include "agents/sctp/types.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace rtclab::sctp {

using namespace std::chrono_literals;

// Bytes is a packet for the peer: what DTLS carries as one record.
using Output = std::variant<Bytes, Event>;

struct Options {
  std::uint16_t local_port = 5000;   // a=sctp-port of our description
  std::uint16_t remote_port = 5000;  // a=sctp-port of the peer's
  // The largest packet, SCTP header included: 1200 octets of IPv4 (RFC 8261 §5) less 28 for IP and
  // UDP and 37 for the DTLS record, down to a multiple of four.
  std::size_t mtu = 1132;
  std::uint16_t outbound_streams = 65535;
  std::uint16_t inbound_streams = 65535;
  // RFC 8841 §6.1: the longest message we take (a=max-message-size of our description); 0: any.
  std::size_t max_message_size = 262144;
  // … and of the peer's description; 0: any. Without the attribute it is 65536.
  std::size_t remote_max_message_size = 65536;
  std::size_t receive_buffer = std::size_t{2} << 20u;  // a_rwnd; at least max_message_size
  std::size_t send_buffer = std::size_t{16} << 20u;    // send() refuses beyond this
  // RFC 9260 §16, the recommended protocol parameters.
  Duration rto_initial = 1s;
  Duration rto_min = 1s;
  Duration rto_max = 60s;
  Duration sack_delay = 200ms;  // §6.2: MUST NOT be more than 500 ms
  Duration heartbeat_interval = 30s;
  Duration valid_cookie_life = 60s;
  unsigned association_max_retrans = 10;
  unsigned max_init_retransmits = 8;
  unsigned max_burst = 4;  // packets
  // RFC 8260: offer I-DATA, so that a long message does not hold up those of other streams.
  bool interleaving = false;
  // RFC 9653: offer to do without the checksum, which DTLS makes superfluous. Some peers (Pion 1.8)
  // refuse an INIT that says so, hence not by default.
  bool zero_checksum = false;
  Deviations deviations;
};

enum class State : std::uint8_t {
  Closed,
  CookieWait,
  CookieEchoed,
  Established,
  ShutdownPending,
  ShutdownSent,
  ShutdownReceived,
  ShutdownAckSent,
};
[[nodiscard]] std::string_view to_string(State state);  // as RFC 9260 §4 prints them: "COOKIE-WAIT"

enum class SendStatus : std::uint8_t {
  Queued,
  Empty,         // a message has at least one octet
  TooLarge,      // more than remote_max_message_size
  BufferFull,    // more than send_buffer would wait
  NoSuchStream,  // beyond what the two sides agreed on
  StreamResetting,
  Closing,  // after shutdown(), abort() or the end
};

class Association {
 public:
  // `rng` outlives this object.
  Association(const Options& options, Rng& rng);
  ~Association();
  Association(const Association&) = delete;
  Association& operator=(const Association&) = delete;
  Association(Association&&) noexcept;
  Association& operator=(Association&&) noexcept;

  void connect(Instant now);
  void handle_packet(Instant now, ByteView packet);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<AssociationEvent> poll_event();

  // Messages may be queued in any state before the end; the first leave with COOKIE ECHO.
  [[nodiscard]] SendStatus send(Instant now, StreamId stream, OutgoingMessage message);
  // Ends the outgoing side of the streams once what is queued on them has left (RFC 6525 §5.1.2);
  // until OutgoingStreamsReset answers, send() on them is refused.
  void reset_streams(Instant now, std::span<const StreamId> streams);
  // Delivers what is queued, then closes (RFC 9260 §9.2).
  void shutdown(Instant now);
  // Closes at once; the peer is told why (RFC 9260 §9.1).
  void abort(Instant now, std::string_view reason);

  // Octets handed to send() that have not left for the first time.
  [[nodiscard]] std::size_t buffered_amount(StreamId stream) const;
  void set_buffered_amount_low_threshold(StreamId stream, std::size_t octets);
  // The stream's share beside the others (RFC 8831 §6.4): 256 is that of any other.
  void set_priority(StreamId stream, std::uint16_t priority);

  [[nodiscard]] State state() const;
  [[nodiscard]] const Options& options() const;

  // For tests and statistics.
  struct Metrics {
    std::size_t congestion_window = 0;
    std::size_t slow_start_threshold = 0;
    std::size_t bytes_in_flight = 0;
    std::size_t peer_receiver_window = 0;
    Duration smoothed_round_trip_time{};
    Duration retransmission_timeout{};
    std::uint64_t packets_sent = 0;
    std::uint64_t packets_received = 0;
    std::uint64_t chunks_retransmitted = 0;
    bool interleaving = false;   // I-DATA was agreed on
    bool zero_checksum = false;  // our packets go without
  };
  [[nodiscard]] Metrics metrics() const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace rtclab::sctp
