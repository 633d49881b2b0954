// What a peer connection tells its application: the promises that settle and the events that fire.
//
// Spec: W3C webrtc-pc §4.4, §5.6, §6.2. The order of events is the order of the specification's
// tasks.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/event.h"
#include "agents/base/strong.h"
#include "agents/peer/description.h"
#include "agents/peer/error.h"
#include "agents/peer/states.h"
#include "agents/peer/transceiver.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rtclab::peer {

// Names one call of an asynchronous method until it settles.
using OperationId = Strong<struct OperationIdTag, std::uint32_t>;
// Names one RTCDataChannel object of this peer connection, from 1 up in the order of creation. It
// is not the SCTP stream, which is unknown until the DTLS roles are (RFC 8832 §6).
using ChannelId = Strong<struct DataChannelIdTag, std::uint32_t>;

// A channel's message is either a string or octets (RFC 8831 §6.6).
using Message = std::variant<std::string, Bytes>;
[[nodiscard]] std::size_t size_of(const Message& message);

// How a promise ends: with nothing, with a description, or with the reason why it was rejected.
using Settlement = std::variant<std::monostate, Description, Error>;

struct OperationSettled {
  static constexpr std::string_view kName = "api:settled";
  OperationId id;
  std::string method;  // "createOffer"
  Settlement outcome;
  [[nodiscard]] rtclab::Event describe() const;
};
// nullopt: all generations are complete. An empty candidate string: this generation is.
struct IceCandidateEvent {
  static constexpr std::string_view kName = "peer:icecandidate";
  std::optional<IceCandidateInit> candidate;
  [[nodiscard]] rtclab::Event describe() const;
};
struct SignalingStateChange {
  static constexpr std::string_view kName = "peer:signaling_state_changed";
  SignalingState from;
  SignalingState to;
  [[nodiscard]] rtclab::Event describe() const;
};
struct IceGatheringStateChange {
  static constexpr std::string_view kName = "peer:ice_gathering_state_changed";
  IceGatheringState from;
  IceGatheringState to;
  [[nodiscard]] rtclab::Event describe() const;
};
struct IceConnectionStateChange {
  static constexpr std::string_view kName = "peer:ice_connection_state_changed";
  IceConnectionState from;
  IceConnectionState to;
  [[nodiscard]] rtclab::Event describe() const;
};
struct ConnectionStateChange {
  static constexpr std::string_view kName = "peer:connection_state_changed";
  ConnectionState from;
  ConnectionState to;
  [[nodiscard]] rtclab::Event describe() const;
};
struct NegotiationNeeded {
  static constexpr std::string_view kName = "peer:negotiation_needed";
  [[nodiscard]] rtclab::Event describe() const;
};
// A server gave no candidate (RTCPeerConnectionIceErrorEvent). Code 701: it did not answer.
struct IceCandidateError {
  static constexpr std::string_view kName = "peer:icecandidateerror";
  std::string address;  // where the request was sent from
  Port port{0};
  std::string url;
  int error_code = 0;
  std::string error_text;
  [[nodiscard]] rtclab::Event describe() const;
};
// RTCIceTransport: selectedcandidatepairchange. Both as candidate lines, without "a=".
struct SelectedCandidatePairChange {
  static constexpr std::string_view kName = "peer:selected_candidate_pair_changed";
  std::optional<std::string> mid;  // of the section that the transport belongs to
  std::string local;
  std::string remote;
  [[nodiscard]] rtclab::Event describe() const;
};
// RTCTrackEvent: the peer sends, or means to, on this transceiver.
struct TrackEvent {
  static constexpr std::string_view kName = "peer:track";
  TransceiverId transceiver;
  MediaKind kind;
  std::string track;
  std::vector<std::string> streams;
  [[nodiscard]] rtclab::Event describe() const;
};
// MediaStream: addtrack and removetrack, for the peer's streams.
struct StreamTrackAdded {
  static constexpr std::string_view kName = "peer:stream_addtrack";
  std::string stream;
  std::string track;
  [[nodiscard]] rtclab::Event describe() const;
};
struct StreamTrackRemoved {
  static constexpr std::string_view kName = "peer:stream_removetrack";
  std::string stream;
  std::string track;
  [[nodiscard]] rtclab::Event describe() const;
};
// MediaStreamTrack of a receiver: ended, because its transceiver was stopped.
struct TrackEnded {
  static constexpr std::string_view kName = "peer:track_ended";
  TransceiverId transceiver;
  std::string track;
  [[nodiscard]] rtclab::Event describe() const;
};
// MediaStreamTrack of a receiver: RTP arrives, or no longer does.
struct TrackMuted {
  static constexpr std::string_view kName = "peer:track_muted";
  TransceiverId transceiver;
  std::string track;
  [[nodiscard]] rtclab::Event describe() const;
};
struct TrackUnmuted {
  static constexpr std::string_view kName = "peer:track_unmuted";
  TransceiverId transceiver;
  std::string track;
  [[nodiscard]] rtclab::Event describe() const;
};
// The peer opened a channel; ChannelOpen follows.
struct DataChannelEvent {
  static constexpr std::string_view kName = "datachannel:announced";
  ChannelId id;
  std::string label;
  std::string protocol;
  [[nodiscard]] rtclab::Event describe() const;
};
struct ChannelOpen {
  static constexpr std::string_view kName = "datachannel:open";
  ChannelId id;
  std::string label;
  [[nodiscard]] rtclab::Event describe() const;
};
struct ChannelBufferedAmountLow {
  static constexpr std::string_view kName = "datachannel:bufferedamountlow";
  ChannelId id;
  std::string label;
  [[nodiscard]] rtclab::Event describe() const;
};
// The peer began to close it.
struct ChannelClosing {
  static constexpr std::string_view kName = "datachannel:closing";
  ChannelId id;
  std::string label;
  [[nodiscard]] rtclab::Event describe() const;
};
// It was closed by a failure; ChannelClose follows.
struct ChannelError {
  static constexpr std::string_view kName = "datachannel:error";
  ChannelId id;
  std::string label;
  Error error;
  [[nodiscard]] rtclab::Event describe() const;
};
struct ChannelClose {
  static constexpr std::string_view kName = "datachannel:close";
  ChannelId id;
  std::string label;
  [[nodiscard]] rtclab::Event describe() const;
};
struct ChannelMessage {
  static constexpr std::string_view kName = "datachannel:message";
  ChannelId id;
  std::string label;
  Message message;
  [[nodiscard]] rtclab::Event describe() const;  // direction "received"
};
// For the capture: see dtls::Secrets, whose record in the trace stands for both.
struct Secrets {
  static constexpr std::string_view kName = "peer:secrets";
  std::string nss_line;
  [[nodiscard]] rtclab::Event describe() const;
};

using Event =
    std::variant<OperationSettled, IceCandidateEvent, IceCandidateError, SignalingStateChange,
                 IceGatheringStateChange, IceConnectionStateChange, ConnectionStateChange,
                 SelectedCandidatePairChange, NegotiationNeeded, TrackEvent, StreamTrackAdded,
                 StreamTrackRemoved, TrackEnded, TrackMuted, TrackUnmuted, DataChannelEvent,
                 ChannelOpen, ChannelMessage, ChannelBufferedAmountLow, ChannelClosing,
                 ChannelError, ChannelClose, Secrets>;

}  // namespace rtclab::peer
