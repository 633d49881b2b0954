#include "agents/turn/server.h"

#include "agents/stun/integrity.h"
#include "agents/stun/server.h"
#include "agents/turn/channel_data.h"

#include <algorithm>
#include <cassert>
#include <utility>
#include <variant>

namespace rtclab::turn {
namespace {

using stun::Class;
using stun::Message;
using stun::Method;

bool is_known(Method method) {
  switch (method) {
    case Method::Binding:
    case Method::Allocate:
    case Method::Refresh:
    case Method::CreatePermission:
    case Method::ChannelBind:
    case Method::Connect:
    case Method::ConnectionBind: return true;
    case Method::Send:
    case Method::Data:
    case Method::ConnectionAttempt: return false;
  }
  return false;
}

}  // namespace

std::vector<Prefix> Server::default_forbidden_peers() {
  std::vector<Prefix> prefixes;
  for (const auto* const text : {"0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "::/128", "::1/128",
                                 "ff00::/8", "2001::/32", "2002::/16"}) {
    prefixes.push_back(*Prefix::parse(text));
  }
  return prefixes;
}

Server::Server(Config config, Rng& rng)
    : config_{std::move(config)},
      rng_{&rng},
      credentials_{{config_.realm, config_.users, config_.nonce_lifetime, config_.features,
                    config_.deviations},
                   rng},
      ports_{config_.deviations.has(Deviation::TurnLowRelayPorts)
                 ? RelayPorts{Port{5000}, Port{5999}, rng}
                 : RelayPorts{config_.first_relay_port, config_.last_relay_port, rng}} {
  assert(!listens_on(ServerTransport::Tls) || config_.identity);
}

void Server::handle_input(Instant now, const Input& input) {
  expire(now);
  if (const auto* const received = std::get_if<Received>(&input)) {
    handle_received(now, *received);
  } else if (const auto* const opened = std::get_if<SocketOpened>(&input)) {
    handle_socket_opened(now, opened->request);
  } else if (const auto* const failed = std::get_if<SocketFailed>(&input)) {
    handle_socket_failed(now, failed->request);
  } else if (const auto* const stream = std::get_if<StreamOpened>(&input)) {
    handle_stream_opened(now, *stream);
  } else if (const auto* const closed = std::get_if<StreamClosed>(&input)) {
    handle_stream_closed(now, *closed);
  } else if (const auto* const unreachable = std::get_if<Unreachable>(&input)) {
    handle_unreachable(now, unreachable->path);
  } else if (const auto* const up = std::get_if<InterfaceUp>(&input)) {
    handle_interface_up(up->address);
  } else if (const auto* const down = std::get_if<InterfaceDown>(&input)) {
    handle_interface_down(down->address);
  }
}

void Server::handle_timeout(Instant now) {
  expire(now);
}

std::optional<Output> Server::poll_output() {
  if (outbox_.empty()) return std::nullopt;
  auto output = std::move(outbox_.front());
  outbox_.pop_front();
  return output;
}

std::optional<Wakeup> Server::next_wakeup() const {
  std::optional<Wakeup> next;
  for (const auto& [path, allocation] : allocations_) {
    next = Wakeup::earliest(next, Wakeup{allocation.next_end(),
                                         "turn: the end of an allocation, permission or channel"});
  }
  for (const auto& [id, connection] : connections_) {
    if (connection.state == PeerConnection::State::Bound) continue;
    next = Wakeup::earliest(
        next, Wakeup{connection.deadline, "turn: a peer's connection that nobody binds"});
  }
  return next;
}

// --- sockets ---

bool Server::listens_on(ServerTransport transport) const {
  return std::ranges::find(config_.transports, transport) != config_.transports.end();
}

bool Server::is_listening_at(Transport transport, const Endpoint& local) const {
  if (std::ranges::find(addresses_, local.ip) == addresses_.end()) return false;
  if (transport == Transport::Udp)
    return listens_on(ServerTransport::Udp) && local.port == config_.port;
  return (listens_on(ServerTransport::Tcp) && local.port == config_.port) ||
         (listens_on(ServerTransport::Tls) && local.port == config_.tls_port);
}

void Server::handle_interface_up(const Ip& address) {
  addresses_.push_back(address);
  for (const auto transport : config_.transports) {
    const auto port = transport == ServerTransport::Tls ? config_.tls_port : config_.port;
    outbox_.emplace_back(OpenSocket{sockets_asked_for_++, carrier(transport), {address, port}});
  }
}

void Server::handle_interface_down(const Ip& address) {
  std::erase(addresses_, address);
  for (const auto transport : config_.transports) {
    const auto port = transport == ServerTransport::Tls ? config_.tls_port : config_.port;
    outbox_.emplace_back(CloseSocket{carrier(transport), {address, port}});
  }
  const auto is_on_it = [&](const Relay& relay) { return relay.address.ip == address; };
  std::vector<Path> orphans;
  for (const auto& [path, allocation] : allocations_) {
    if (path.local.ip == address || std::ranges::any_of(allocation.relays, is_on_it))
      orphans.push_back(path);
  }
  for (const auto& path : orphans) remove(path, "interface down");
  std::erase_if(streams_, [&](const auto& entry) { return entry.first.local.ip == address; });
}

// --- what arrives ---

void Server::handle_received(Instant now, const Received& received) {
  const auto& path = received.path;
  if (path.transport == Transport::Tcp) {
    if (streams_.contains(path)) return handle_from_stream(now, received);
    return handle_from_peer_stream(received);
  }
  if (is_listening_at(path.transport, path.local)) return handle_from_client(now, received);
  handle_from_peer(now, received);
}

void Server::handle_from_client(Instant now, const Received& received) {
  if (looks_like_channel_data(received.bytes)) return handle_channel_data(now, received);
  auto reading = Message::parse_structure(received.bytes);
  // RFC 8489 §6.3: what is not a STUN message through and through is dropped without a word.
  if (!reading.framed) return emit(PacketDiscarded{reading.flaws.front()}.describe());
  if (stun::check_fingerprint(received.bytes) == stun::Check::Bad) {
    return emit(
        PacketDiscarded{{Flaw::BadChecksum, received.bytes.size() - 8, {8489, "7"}}}.describe());
  }
  auto& message = *reading.message;
  const bool well_formed = reading.flaws.empty();
  if (message.cls == Class::Request && is_known(message.method)) {
    handle_request(now, {received.path, std::move(message), received.bytes, well_formed, {}});
  } else if (message.method == Method::Binding && stun::wants_answer(message, config_.deviations)) {
    handle_binding({received.path, std::move(message), received.bytes, well_formed, {}});
  } else if (message.cls == Class::Indication) {
    if (stun::wants_answer(message, config_.deviations)) {
      respond(received.path, message, {}, Message::response_to(message, Class::Success));
    }
    handle_indication(now, received.path, message, well_formed);
  }
}

}  // namespace rtclab::turn
