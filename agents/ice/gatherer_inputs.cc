// What arrives at sockets and connections, and what is sent from them.
#include "agents/ice/gatherer.h"

#include <utility>

namespace rtclab::ice {

void Gatherer::handle_input(Instant now, const Input& input) {
  now_ = now;
  if (const auto* const received = std::get_if<Received>(&input)) {
    handle_received(now, *received);
  } else if (const auto* const socket = std::get_if<SocketOpened>(&input)) {
    handle_socket_opened(*socket);
  } else if (const auto* const failed = std::get_if<SocketFailed>(&input)) {
    handle_socket_failed(now, *failed);
  } else if (const auto* const opened = std::get_if<StreamOpened>(&input)) {
    handle_stream_opened(now, *opened);
  } else if (const auto* const closed = std::get_if<StreamClosed>(&input)) {
    handle_stream_closed(now, *closed);
  }
}

void Gatherer::handle_stream_opened(Instant now, const StreamOpened& opened) {
  if (opened.request) {
    if (connections_.handle_opened(*opened.request, opened.path)) return pump_connections();
    if (answer_relay(now, *opened.request, opened)) return;
    outbox_->put(CloseStream{opened.path});  // whoever wanted it is gone
    return;
  }
  const auto* const socket = find_socket(opened.path.local, Transport::Tcp);
  if (socket == nullptr || socket->closing) {
    outbox_->put(CloseStream{opened.path});
    return;
  }
  connections_.handle_accepted(socket->stream, opened.path);
  pump_connections();
}

void Gatherer::handle_stream_closed(Instant now, const StreamClosed& closed) {
  if (connections_.handle_closed(closed.path, closed.why)) return pump_connections();
  static_cast<void>(pass_to_relays(now, closed));
}

void Gatherer::pump_connections() {
  while (auto output = connections_.poll_output()) {
    if (!pass_to_relayed_connection(*output)) outbox_->put(std::move(*output));
  }
  while (auto datagram = connections_.poll_datagram()) {
    reports_.emplace_back(Arrival{datagram->stream, datagram->path, std::move(datagram->bytes)});
  }
  while (auto lost = connections_.poll_lost()) reports_.emplace_back(std::move(*lost));
}

void Gatherer::handle_received(Instant now, const Received& received) {
  if (received.path.transport == Transport::Tcp) {
    if (connections_.handle_octets(received.path, received.bytes)) return pump_connections();
    static_cast<void>(pass_to_relays(now, received));
    return;
  }
  const auto* const socket = find_socket(received.path.local);
  if (socket == nullptr) return;
  const auto stream = socket->stream;
  const bool is_closing = socket->closing;
  if (handle_probe_response(now, received) || pass_to_relays(now, received) || is_closing) return;
  reports_.emplace_back(
      Arrival{stream, received.path, {received.bytes.begin(), received.bytes.end()}});
}

void Gatherer::send(Instant now, StreamId stream, const Path& path, ByteView bytes) {
  now_ = now;
  if (path.transport == Transport::Tcp) {
    // What has no socket of ours connects from anywhere, or waits at a relay.
    const auto* const listening = find_socket(path.local, Transport::Tcp);
    const bool waits =
        find_relay(Transport::Tcp, path.local) != nullptr && path.local.port != kDiscardPort;
    const auto type = listening != nullptr ? *listening->tcp_type
                      : waits              ? TcpType::Passive
                                           : TcpType::Active;
    connections_.send(stream, path, type, next_request_++, bytes);
    return pump_connections();
  }
  if (auto* const relay = find_relay(Transport::Udp, path.local)) {
    relay->client.send(now, path.remote, bytes);
    pump(now, *relay);
    return;
  }
  outbox_->transmit(path.local, path.remote, {bytes.begin(), bytes.end()});
}

bool Gatherer::is_open(const Path& path) const {
  return path.transport == Transport::Udp || connections_.is_open(path);
}

}  // namespace rtclab::ice
