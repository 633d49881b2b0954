// The data channels of a peer connection: W3C webrtc-pc §6 over agents/sctp.
#include "agents/peer/conductor.h"

#include <utility>

namespace rtclab::peer {

Outcome<ChannelId> PeerConnection::Impl::create_data_channel(Instant now, std::string label,
                                                             DataChannelInit init) {
  now_ = now;
  trace_call("createDataChannel", {{"label", label}});
  if (closed_) return reject(Error::invalid_state("the connection is closed"));
  auto channel = channels_.open(now, label, init);
  if (!channel) return channel;
  if (!std::exchange(has_channels_, true)) {
    ++revision_;
    update_negotiation_needed();
  }
  pump(now);
  return channel;
}

Outcome<void> PeerConnection::Impl::send(Instant now, ChannelId channel, Message message) {
  const auto size = size_of(message);
  if (auto sent = channels_.send(now, channel, std::move(message)); !sent) return sent;
  trace(ChannelMessage::kName, {{"channel", std::uint64_t{channel.value()}},
                                {"label", channels_.label_of(channel)},
                                {"size", std::uint64_t{size}},
                                {"direction", std::string{"sent"}}});
  pump(now);
  return {};
}

void PeerConnection::Impl::close_data_channel(Instant now, ChannelId channel) {
  trace_call("RTCDataChannel.close", {{"label", channels_.label_of(channel)}});
  channels_.close(now, channel);
  pump(now);
}

std::optional<std::size_t> PeerConnection::Impl::data_section() const {
  if (!remote_session_) return std::nullopt;
  for (std::size_t i = 0; i < plan_.size() && i < remote_session_->sections.size(); ++i) {
    const auto& remote = remote_session_->sections[i].data;
    // RFC 8841 §10.3 and §10.4: port zero is a section without an association.
    if (plan_[i].data && plan_[i].speaker && remote && remote->sctp_port != Port{0}) return i;
  }
  return std::nullopt;
}

// Both sides send INIT at once (RFC 8831 §6.1, RFC 8841 §9): neither waits for the other.
void PeerConnection::Impl::begin_sctp(Instant now) {
  const auto section = data_section();
  if (sctp_transport_ || !section) return;
  auto* const transport = transports_.of_section(*section);
  if (transport == nullptr || transport->states().dtls != dtls::State::Connected) return;
  sctp_transport_ = transport->id();
  const auto& remote = *remote_session_->sections[*section].data;
  const auto role = *transport->dtls_role() == dtls::Role::Client ? sctp::DtlsRole::Client
                                                                  : sctp::DtlsRole::Server;
  channels_.current().connect(
      now, {.local_role = role,
            .port = remote.sctp_port.value(),
            .max_message_size = static_cast<std::size_t>(remote.max_message_size)});
}

void PeerConnection::Impl::end_sctp(Instant now, const std::string& reason) {
  if (!sctp_transport_) return;
  channels_.current().abort(now, reason);
  drain_sctp(now);
  sctp_transport_.reset();
  channels_.renew();
}

void PeerConnection::Impl::react(const sctp::ChannelEvent& event) {
  if (closed_) return;
  const auto named = [&](sctp::ChannelId id) {
    const auto channel = channels_.to_peer(id);
    return std::pair{channel, channels_.label_of(channel)};
  };
  if (const auto* announced = std::get_if<sctp::ChannelAnnounced>(&event)) {
    has_channels_ = true;
    emit(DataChannelEvent{channels_.to_peer(announced->id), announced->label,
                          announced->init.protocol});
  } else if (const auto* opened = std::get_if<sctp::ChannelOpened>(&event)) {
    const auto [id, label] = named(opened->id);
    channels_.note_open(id);
    emit(ChannelOpen{id, label});
  } else if (const auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
    const auto [id, label] = named(message->id);
    channels_.note_received(id, message->data);
    emit(ChannelMessage{id, label, message->data});
  } else if (const auto* low = std::get_if<sctp::ChannelBufferedAmountLow>(&event)) {
    const auto [id, label] = named(low->id);
    emit(ChannelBufferedAmountLow{id, label});
  } else if (const auto* closing = std::get_if<sctp::ChannelClosing>(&event)) {
    const auto [id, label] = named(closing->id);
    emit(ChannelClosing{id, label});
  } else if (const auto* gone = std::get_if<sctp::ChannelClosed>(&event)) {
    const auto [id, label] = named(gone->id);
    // §6.2: one that was closed by a failure says so first.
    if (!gone->error.empty()) emit(ChannelError{id, label, Error::sctp_failure(gone->error)});
    emit(ChannelClose{id, label});
  }
}

}  // namespace rtclab::peer
