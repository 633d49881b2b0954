// The data channels of one peer connection, and the association below them: what an
// RTCSctpTransport owns.
//
// Spec: RFC 8831 (channels over SCTP), RFC 8832 (DCEP, the opening handshake), W3C webrtc-pc §6
// (states and events). A channel can be made before the association exists: its stream id is drawn
// when the DTLS role is known.
//
// Drain poll_output() and then poll_event() after each call, as with an agent.
#pragma once

#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/sctp/association.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rtclab::sctp {

// RFC 8832 §6: the DTLS client opens channels on even streams, the server on odd ones.
enum class DtlsRole : std::uint8_t { Client, Server };

// A handle, counted from 0 in the order of creation; the stream id may not be known yet.
using ChannelId = Strong<struct ChannelIdTag, std::uint32_t>;
// std::string is a text (UTF-8), Bytes is binary; both may be empty.
using ChannelData = std::variant<std::string, Bytes>;

struct ChannelInit {
  Order order = Order::Ordered;
  Reliability reliability;
  std::string protocol;
  // The stream, when both sides made the channel by agreement and DCEP is not spoken (RFC 8831
  // §6.2).
  std::optional<StreamId> negotiated;
  std::uint16_t priority =
      256;  // RFC 8831 §6.4: 128 below normal, 256 normal, 512 high, 1024 extra high
  friend bool operator==(const ChannelInit&, const ChannelInit&) = default;
};

enum class ChannelState : std::uint8_t { Connecting, Open, Closing, Closed };
[[nodiscard]] std::string_view to_string(
    ChannelState state);  // as in RTCDataChannelState: "connecting"

enum class ChannelError : std::uint8_t {
  LabelTooLong,      // label and protocol have at most 65535 octets each
  StreamInUse,       // a negotiated id that another channel has
  StreamOutOfRange,  // 65535, or beyond what the association has
  NoStreamLeft,
  NotOpen,
  MessageTooLarge,
  BufferFull,
  AssociationClosed,
};
[[nodiscard]] std::string_view to_string(ChannelError error);

// The association is up: RTCSctpTransport "connected".
struct TransportConnected {
  std::uint32_t max_channels;
};
// The association is gone; every channel has been closed before.
struct TransportClosed {
  CloseCause cause;
  std::string reason;
};
// The peer opened a channel: `datachannel` of RTCPeerConnection. ChannelOpened follows.
struct ChannelAnnounced {
  ChannelId id;
  StreamId stream;
  std::string label;
  ChannelInit init;
};
struct ChannelOpened {
  ChannelId id;
  StreamId stream;
};
struct ChannelMessage {
  ChannelId id;
  ChannelData data;
};
struct ChannelBufferedAmountLow {
  ChannelId id;
};
// The peer began to close it: `closing`.
struct ChannelClosing {
  ChannelId id;
};
// `error` is empty after an orderly close.
struct ChannelClosed {
  ChannelId id;
  std::string error;
};
using ChannelEvent =
    std::variant<TransportConnected, TransportClosed, ChannelAnnounced, ChannelOpened,
                 ChannelMessage, ChannelBufferedAmountLow, ChannelClosing, ChannelClosed>;

class DataChannels {
 public:
  // `rng` outlives this object. `options` may still change until connect().
  DataChannels(const Options& options, Rng& rng);

  // DTLS is up and both descriptions are known: begins the association. `remote_port` and
  // `remote_max_message_size` are those of the peer's description.
  struct Remote {
    DtlsRole local_role;
    std::uint16_t port = 5000;
    std::size_t max_message_size = 65536;
  };
  void connect(Instant now, const Remote& remote);
  void handle_packet(Instant now, ByteView packet);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<ChannelEvent> poll_event();

  [[nodiscard]] tl::expected<ChannelId, ChannelError> open(Instant now, std::string_view label,
                                                           ChannelInit init);
  [[nodiscard]] tl::expected<void, ChannelError> send(Instant now, ChannelId id, ChannelData data);
  // Begins to close: what is queued is still delivered (RFC 8831 §6.7). No effect on a closing or
  // closed channel.
  void close(Instant now, ChannelId id);
  // Closes the association as a whole: abort, as browsers do at RTCPeerConnection.close().
  void abort(Instant now, std::string_view reason);

  struct Channel {
    std::string label;
    ChannelInit init;
    ChannelState state = ChannelState::Connecting;
    std::optional<StreamId> stream;
    // RFC 8832 §6: until the ACK, or any message, arrives the channel is ordered, whatever its
    // type.
    bool peer_knows = false;
    std::size_t low_threshold = 0;
    // The two directions of the close (RFC 8831 §6.7).
    bool reset_outgoing = false;
    bool reset_incoming = false;
    // W3C webrtc-pc §6.2: what could not be sent any more still counts.
    std::size_t buffered_at_end = 0;
  };
  // nullptr when there never was such a channel; closed channels stay.
  [[nodiscard]] const Channel* find(ChannelId id) const;
  [[nodiscard]] std::size_t buffered_amount(ChannelId id) const;
  void set_buffered_amount_low_threshold(ChannelId id, std::size_t octets);
  [[nodiscard]] const Association* association() const {
    return association_ ? &*association_ : nullptr;
  }

 private:
  // Carries what the association has to say to the channels, until it is silent.
  void pump(Instant now);
  void react(Instant now, const Established& event);
  void react(Instant now, const Restarted& event);
  void react(Instant now, MessageReceived& event);
  void react(Instant now, const IncomingStreamsReset& event);
  void react(Instant now, const OutgoingStreamsReset& event);
  void react(Instant now, const BufferedAmountLow& event);
  void react(Instant now, const Closed& event);

  [[nodiscard]] std::optional<StreamId> free_stream() const;
  // Gives the channel its stream and speaks DCEP, unless that was agreed on elsewhere.
  [[nodiscard]] bool start(Instant now, Channel& channel, ChannelId id);
  void handle_dcep(Instant now, StreamId stream, ByteView octets);
  void handle_open(Instant now, StreamId stream, ByteView octets);
  void handle_data(Instant now, ChannelId id, MessageReceived& message);
  [[nodiscard]] std::optional<ChannelId> channel_on(StreamId stream) const;
  void begin_close(Instant now, ChannelId id, std::string_view reason);
  void finish_close(ChannelId id);
  // What came on streams that the peer uses again before we know that it may.
  [[nodiscard]] bool is_early(StreamId stream) const;
  // nullopt: the stream was reset once more.
  void hold(StreamId stream, std::optional<MessageReceived> message);
  void refuse(Instant now, StreamId stream);
  void take_held(Instant now);
  void closed(ChannelId id, std::string_view error);
  void all_closed(std::string_view error);
  void set_state(ChannelId id, ChannelState next, std::string_view reason);
  void trace(std::string_view name, StreamId stream, std::string_view detail);

  Options options_;
  Rng* rng_;
  std::optional<Association> association_;
  bool ended_ = false;
  DtlsRole role_ = DtlsRole::Client;  // known from connect() on
  std::map<ChannelId, Channel> channels_;
  std::map<StreamId, ChannelId> by_stream_;  // those that are not closed
  std::set<StreamId> refused_;               // reset by us, without a channel
  std::map<StreamId, std::vector<std::optional<MessageReceived>>> held_;
  std::size_t held_messages_ = 0;
  std::size_t held_octets_ = 0;
  std::deque<Output> outbox_;
  std::deque<ChannelEvent> events_;
};

}  // namespace rtclab::sctp
