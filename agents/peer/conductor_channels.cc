// The data channels of a peer connection: W3C webrtc-pc §6 over agents/sctp.
#include "agents/peer/conductor.h"

#include <utility>

namespace rtclab::peer {
namespace {

constexpr std::size_t kMaxText = 65535;     // §6.1: label and protocol, in octets
constexpr std::uint16_t kNoStream = 65535;  // RFC 8832 §6: does not exist

// Channels are counted from 1 here and from 0 there, both in the order of creation.
sctp::ChannelId to_sctp(ChannelId channel) {
  return sctp::ChannelId{channel.value() - 1};
}
ChannelId to_peer(sctp::ChannelId channel) {
  return ChannelId{channel.value() + 1};
}

sctp::ChannelInit to_sctp(const DataChannelInit& init) {
  sctp::ChannelInit channel;
  channel.order = init.ordered ? sctp::Order::Ordered : sctp::Order::Unordered;
  if (init.max_retransmits)
    channel.reliability = sctp::LimitedRetransmissions{*init.max_retransmits};
  if (init.max_packet_life_time) {
    channel.reliability =
        sctp::LimitedLifetime{std::chrono::milliseconds{*init.max_packet_life_time}};
  }
  channel.protocol = init.protocol;
  if (init.negotiated && init.id) channel.negotiated = sctp::StreamId{*init.id};
  return channel;
}

Error to_error(sctp::ChannelError error) {
  const std::string message{to_string(error)};
  switch (error) {
    case sctp::ChannelError::LabelTooLong:
    case sctp::ChannelError::MessageTooLarge: return Error::type_error(message);
    case sctp::ChannelError::NotOpen:
    case sctp::ChannelError::AssociationClosed: return Error::invalid_state(message);
    case sctp::ChannelError::StreamInUse:
    case sctp::ChannelError::StreamOutOfRange:
    case sctp::ChannelError::NoStreamLeft:
    case sctp::ChannelError::BufferFull: return Error::operation(message);
  }
  __builtin_unreachable();
}

DataChannelState to_peer(sctp::ChannelState state) {
  switch (state) {
    case sctp::ChannelState::Connecting: return DataChannelState::Connecting;
    case sctp::ChannelState::Open: return DataChannelState::Open;
    case sctp::ChannelState::Closing: return DataChannelState::Closing;
    case sctp::ChannelState::Closed: return DataChannelState::Closed;
  }
  __builtin_unreachable();
}

std::optional<Error> check(const std::string& label, const DataChannelInit& init) {
  if (label.size() > kMaxText) return Error::type_error("the label has more than 65535 octets");
  if (init.protocol.size() > kMaxText)
    return Error::type_error("the protocol has more than 65535 octets");
  if (init.negotiated && !init.id) return Error::type_error("a negotiated channel needs an id");
  if (init.max_packet_life_time && init.max_retransmits) {
    return Error::type_error("maxPacketLifeTime and maxRetransmits exclude each other");
  }
  if (init.negotiated && init.id == kNoStream)
    return Error::type_error("the id 65535 does not exist");
  return std::nullopt;
}

}  // namespace

Outcome<ChannelId> PeerConnection::Impl::create_data_channel(Instant now, std::string label,
                                                             DataChannelInit init) {
  now_ = now;
  trace("api:call", {{"method", std::string{"createDataChannel"}}, {"label", label}});
  if (closed_) return reject(Error::invalid_state("the connection is closed"));
  if (auto error = check(label, init)) return reject(std::move(*error));
  const auto channel = channels_.open(now, label, to_sctp(init));
  if (!channel) return reject(to_error(channel.error()));
  if (!std::exchange(has_channels_, true)) {
    ++revision_;
    update_negotiation_needed();
  }
  pump(now);
  return to_peer(*channel);
}

Outcome<void> PeerConnection::Impl::send(Instant now, ChannelId channel, Message message) {
  const auto size = size_of(message);
  const auto sent = channels_.send(now, to_sctp(channel), std::move(message));
  if (!sent) return reject(to_error(sent.error()));
  trace(ChannelMessage::kName, {{"channel", std::uint64_t{channel.value()}},
                                {"label", label_of(channel)},
                                {"size", std::uint64_t{size}},
                                {"direction", std::string{"sent"}}});
  pump(now);
  return {};
}

void PeerConnection::Impl::close_data_channel(Instant now, ChannelId channel) {
  trace("api:call",
        {{"method", std::string{"RTCDataChannel.close"}}, {"label", label_of(channel)}});
  channels_.close(now, to_sctp(channel));
  pump(now);
}

// Both sides send INIT at once (RFC 8831 §6.1, RFC 8841 §9): neither waits for the other.
void PeerConnection::Impl::begin_sctp(Instant now) {
  if (!remote_session_ || !remote_session_->data) return;
  const auto role = *transport_->dtls_role() == dtls::Role::Client ? sctp::DtlsRole::Client
                                                                   : sctp::DtlsRole::Server;
  channels_.connect(
      now, {.local_role = role,
            .port = remote_session_->data->sctp_port.value(),
            .max_message_size = static_cast<std::size_t>(remote_session_->data->max_message_size)});
}

void PeerConnection::Impl::react(const sctp::ChannelEvent& event) {
  if (closed_) return;
  if (const auto* announced = std::get_if<sctp::ChannelAnnounced>(&event)) {
    emit(DataChannelEvent{to_peer(announced->id), announced->label, announced->init.protocol});
  } else if (const auto* opened = std::get_if<sctp::ChannelOpened>(&event)) {
    emit(ChannelOpen{to_peer(opened->id), label_of(to_peer(opened->id))});
  } else if (const auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
    emit(ChannelMessage{to_peer(message->id), label_of(to_peer(message->id)), message->data});
  } else if (const auto* gone = std::get_if<sctp::ChannelClosed>(&event)) {
    emit(ChannelClose{to_peer(gone->id), label_of(to_peer(gone->id))});
  }
}

std::string PeerConnection::Impl::label_of(ChannelId channel) const {
  const auto* const found = channels_.find(to_sctp(channel));
  return found == nullptr ? std::string{} : found->label;
}

std::optional<DataChannelState> PeerConnection::Impl::data_channel_state(ChannelId channel) const {
  const auto* const found = channels_.find(to_sctp(channel));
  if (found == nullptr) return std::nullopt;
  return to_peer(found->state);
}

std::uint64_t PeerConnection::Impl::buffered_amount(ChannelId channel) const {
  return channels_.find(to_sctp(channel)) == nullptr ? 0
                                                     : channels_.buffered_amount(to_sctp(channel));
}

}  // namespace rtclab::peer
