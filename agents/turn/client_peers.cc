// TCP allocations from the client's side: connections asked for, and connections that peers make
// (RFC 6062 §4.3 and §4.4).
#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/turn/client.h"

#include <utility>

namespace rtclab::turn {
namespace {

namespace error = stun::error;

// RFC 6062 §4.3: MUST wait at least ten seconds after 447.
constexpr Duration kWaitAfterFailure = std::chrono::seconds{10};

}  // namespace

void Client::connect(Instant now, const Endpoint& peer) {
  if (state_ != State::Allocated || config_.relays_over != Transport::Tcp)
    return announce(PeerConnectionFailed{peer, 0, "there is no TCP allocation"});
  const auto until = connecting_.find(peer);
  if (until != connecting_.end() && now < until->second)
    return announce(PeerConnectionFailed{peer, 0, "too soon after the attempt before"});
  connecting_[peer] = Instant::max();
  requests_.start(now, Connect{peer});
  settle(now);
}

void Client::succeed(Instant now, const Connect& wish, const ClientRequests::Succeeded& success) {
  connecting_.erase(wish.peer);
  if (state_ != State::Allocated) return;
  const auto id = success.response.find<stun::ConnectionId>();
  if (!id) return announce(PeerConnectionFailed{wish.peer, 0, "the server named no connection"});
  bind_connection(now, {id->value, wish.peer, false});
}

void Client::fail(Instant now, const Connect& wish, const ClientRequests::Failed& failure) {
  connecting_[wish.peer] =
      failure.code == error::kConnectionTimeoutOrFailure ? now + kWaitAfterFailure : now;
  std::string reason{error::reason_phrase(failure.code)};
  if (failure.code == 0) reason = "the server did not answer";
  announce(PeerConnectionFailed{wish.peer, failure.code, std::move(reason)});
}

// A peer comes only where a permission is, so that every attempt is one that was asked for.
void Client::handle_connection_attempt(Instant now, const stun::Message& indication) {
  const auto peer = indication.find<stun::XorPeerAddress>();
  const auto id = indication.find<stun::ConnectionId>();
  const bool is_ours = state_ == State::Allocated && config_.relays_over == Transport::Tcp;
  if (!is_ours || !peer || !id || !is_permitted(now, peer->endpoint.ip)) return;
  bind_connection(now, {id->value, peer->endpoint, true});
}

void Client::bind_connection(Instant now, const ClientConnections::Wanted& wanted) {
  auto link = link_settings();
  link.local.port =
      Port{0};  // RFC 6062 §4.3: MUST be another one than that of the control connection
  connections_.bind(now, wanted, std::move(link), requests_.settings(), requests_.credentials());
  flush_link();
}

void Client::send_on(std::uint32_t connection, ByteView bytes) {
  connections_.send(connection, bytes);
  flush_link();
}

void Client::disconnect(std::uint32_t connection) {
  connections_.close(connection);
  flush_link();
}

}  // namespace rtclab::turn
