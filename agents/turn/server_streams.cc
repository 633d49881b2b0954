// The streams that clients open to the server, plain and over TLS.
#include "agents/turn/server.h"

#include <utility>

namespace rtclab::turn {
namespace {

constexpr std::string_view kAlpn = "stun.turn";  // RFC 7443 §3

}  // namespace

void Server::handle_stream_opened(Instant now, const StreamOpened& opened) {
  const auto& path = opened.path;
  if (opened.request) return handle_connected(now, *opened.request, path);
  if (is_listening_at(Transport::Tcp, path.local)) return accept_client(now, path);
  accept_peer(now, path);
}

void Server::accept_client(Instant now, const Path& path) {
  const bool is_secured = listens_on(ServerTransport::Tls) && path.local.port == config_.tls_port;
  std::optional<tls::Session> session;
  if (is_secured) {
    session.emplace(tls::ServerSettings{*config_.identity, {std::string{kAlpn}}}, *rng_);
  }
  auto& stream =
      streams_.insert_or_assign(path, FramedStream{path, std::move(session)}).first->second;
  stream.start(now);
}

void Server::handle_from_stream(Instant now, const Received& received) {
  streams_.at(received.path).receive(now, received.bytes);
  follow_stream(now, received.path);
}

// One message at a time: each of them can make the stream a pipe for data, or end it.
void Server::follow_stream(Instant now, const Path& path) {
  for (auto found = streams_.find(path); found != streams_.end(); found = streams_.find(path)) {
    const auto message = found->second.poll_message();
    flush(found->second);
    if (!message) break;
    if (const auto* const connection = connection_of(path)) {
      outbox_.emplace_back(Transmit{connection->path, *message});
    } else {
      handle_from_client(now, {path, *message});
    }
  }
  const auto found = streams_.find(path);
  if (found == streams_.end() || found->second.state() != FramedStream::State::Closed) return;
  streams_.erase(found);
  forget_client_stream(path);
}

void Server::handle_stream_closed(Instant now, const StreamClosed& closed) {
  const auto found = streams_.find(closed.path);
  if (found != streams_.end()) {
    found->second.note_closed(closed.why);
    return follow_stream(now, closed.path);
  }
  drop_connections_if([&](const PeerConnection& each) { return each.path == closed.path; },
                      "the peer closed it");
}

// The 5-tuple is no more, and an allocation is one with its 5-tuple (RFC 8656 §6).
void Server::forget_client_stream(const Path& path) {
  openings_.erase(path);
  if (allocations_.contains(path)) remove(path, "the client's connection ended");
  drop_connections_if([&](const PeerConnection& each) { return each.data == path; },
                      "the client closed it");
}

void Server::transmit(const Path& path, Bytes message) {
  if (path.transport == Transport::Udp) {
    outbox_.emplace_back(Transmit{path, std::move(message)});
    return;
  }
  const auto found = streams_.find(path);
  if (found == streams_.end()) return;
  found->second.send(std::move(message));
  flush(found->second);
}

void Server::flush(FramedStream& stream) {
  while (auto output = stream.poll_output()) outbox_.push_back(std::move(*output));
}

}  // namespace rtclab::turn
