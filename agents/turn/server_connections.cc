// TCP allocations: connections between relayed addresses and peers, joined with connections between
// clients and the server (RFC 6062 §5).
#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/turn/server.h"

#include <algorithm>
#include <utility>

namespace rtclab::turn {
namespace {

using stun::Class;
using stun::Message;
using stun::Method;
namespace error = stun::error;

// What a peer may send before the client binds its connection. Deviation from RFC 6062 §5.2: there
// is no receive window to narrow, so that a connection with more than this is given up.
constexpr std::size_t kMostHeld = 256 * 1024;

Event describe(std::string_view name, std::uint32_t id, const PeerConnection& connection,
               Rule rule) {
  return {.name = name,
          .fields = {{"client", connection.control.remote.to_string()},
                     {"peer", connection.path.remote.to_string()},
                     {"connection_id", std::uint64_t{id}}},
          .rule = rule};
}

}  // namespace

void Server::handle_connect(Instant now, const Request& request, const Allocation& allocation) {
  const Rule rule{6062, "5.2"};
  if (allocation.relays_over != Transport::Tcp) return refuse(request, error::kBadRequest, rule);
  const auto peer = request.message.find<stun::XorPeerAddress>();
  if (!request.well_formed || !peer) return refuse(request, error::kBadRequest, rule);
  if (const auto code = peer_refusal(allocation, peer->endpoint.ip); code != 0)
    return refuse(request, code, rule);
  const Path path{Transport::Tcp, allocation.relay(peer->endpoint.ip.family())->address,
                  peer->endpoint};
  if (std::ranges::any_of(connections_,
                          [&](const auto& entry) { return entry.second.path == path; }))
    return refuse(request, error::kConnectionAlreadyExists, rule);

  const auto number = sockets_asked_for_++;
  connections_.emplace(
      fresh_connection_id(),
      PeerConnection{.control = request.path,
                     .path = path,
                     .state = PeerConnection::State::Connecting,
                     .deadline = now + kConnectPatience,
                     .asked = PeerConnection::Asked{request.message, request.who, number},
                     .data = std::nullopt,
                     .held = {}});
  outbox_.emplace_back(OpenStream{number, path.local, path.remote});
}

void Server::handle_connected(Instant now, std::uint32_t socket_request, const Path& path) {
  const auto found = std::ranges::find_if(connections_, [&](const auto& entry) {
    return entry.second.asked && entry.second.asked->socket_request == socket_request;
  });
  if (found == connections_.end()) {  // nobody waits for it any more
    outbox_.emplace_back(CloseStream{path});
    return;
  }
  auto& [id, connection] = *found;
  const auto asked = *std::exchange(connection.asked, std::nullopt);
  connection.state = PeerConnection::State::Pending;
  connection.deadline = now + kBindPatience;
  emit(describe("turn:peer_connected", id, connection, {6062, "5.2"}));
  respond(connection.control, asked.request, asked.who,
          Message::response_to(asked.request, Class::Success).add(stun::ConnectionId{id}));
}

void Server::handle_connect_failed(std::uint32_t socket_request) {
  const auto found = std::ranges::find_if(connections_, [&](const auto& entry) {
    return entry.second.asked && entry.second.asked->socket_request == socket_request;
  });
  if (found == connections_.end()) return;
  refuse_connect(found->second, error::kConnectionTimeoutOrFailure);
  connections_.erase(found);
}

void Server::refuse_connect(const PeerConnection& connection, int code) {
  const Request request{
      connection.control, connection.asked->request, {}, true, connection.asked->who};
  refuse(request, code, {6062, "5.2"});
}

// RFC 6062 §5.3: accepted first, and closed at once when the peer has no permission.
void Server::accept_peer(Instant now, const Path& path) {
  const auto relay = relays_.find(path.local);
  if (relay == relays_.end() || !allocations_.at(relay->second).permits(now, path.remote.ip)) {
    drop("peer", path.remote, "no permission", {6062, "5.3"});
    outbox_.emplace_back(CloseStream{path});
    return;
  }
  const auto& allocation = allocations_.at(relay->second);
  const auto id = fresh_connection_id();
  const auto& connection = connections_
                               .emplace(id, PeerConnection{.control = allocation.client,
                                                           .path = path,
                                                           .state = PeerConnection::State::Pending,
                                                           .deadline = now + kBindPatience,
                                                           .asked = std::nullopt,
                                                           .data = std::nullopt,
                                                           .held = {}})
                               .first->second;
  emit(describe("turn:peer_connected", id, connection, {6062, "5.3"}));
  Message indication{
      Class::Indication, Method::ConnectionAttempt, stun::TransactionId::draw(*rng_), {}};
  indication.add(stun::XorPeerAddress{path.remote}).add(stun::ConnectionId{id});
  indicate(allocation, std::move(indication));
}

void Server::handle_connection_bind(Instant now, const Request& request) {
  const Rule rule{6062, "5.4"};
  const auto id = request.message.find<stun::ConnectionId>();
  const auto found = id ? connections_.find(id->value) : connections_.end();
  const bool is_pending =
      found != connections_.end() && found->second.state == PeerConnection::State::Pending;
  const bool is_free = request.path.transport == Transport::Tcp &&
                       !allocations_.contains(request.path) && !connection_of(request.path);
  if (!request.well_formed || !is_pending || !is_free)
    return refuse(request, error::kBadRequest, rule);
  auto& connection = found->second;
  // RFC 6062 §4.3: with the credentials of the control connection.
  if (allocations_.at(connection.control).username != request.who.username)
    return refuse(request, error::kWrongCredentials, rule);

  succeed(request, Message::response_to(request.message, Class::Success));
  connection.state = PeerConnection::State::Bound;
  connection.data = request.path;
  emit(describe("turn:connection_bound", id->value, connection, rule));
  streams_.at(request.path).carry_data();
  if (!connection.held.empty()) transmit(request.path, std::exchange(connection.held, {}));
  follow_stream(now, request.path);
}

void Server::handle_from_peer_stream(const Received& received) {
  const auto found = std::ranges::find_if(
      connections_, [&](const auto& entry) { return entry.second.path == received.path; });
  if (found == connections_.end()) return;
  auto& [id, connection] = *found;
  if (connection.data)
    return transmit(*connection.data, {received.bytes.begin(), received.bytes.end()});
  connection.held.insert(connection.held.end(), received.bytes.begin(), received.bytes.end());
  if (connection.held.size() > kMostHeld) drop_connection(id, "too much before it was bound");
}

const PeerConnection* Server::connection_of(const Path& data) const {
  const auto found = std::ranges::find_if(
      connections_, [&](const auto& entry) { return entry.second.data == data; });
  return found == connections_.end() ? nullptr : &found->second;
}

// RFC 6062 §5.5: when one side ends, the other one is ended.
void Server::drop_connection(std::uint32_t id, std::string_view reason) {
  const auto node = connections_.extract(id);
  const auto& connection = node.mapped();
  auto event = describe("turn:connection_closed", id, connection, {6062, "5.5"});
  event.fields.push_back({"reason", std::string{reason}});
  emit(std::move(event));
  outbox_.emplace_back(CloseStream{connection.path});
  const auto stream = connection.data ? streams_.find(*connection.data) : streams_.end();
  if (stream == streams_.end()) return;
  stream->second.close();
  flush(stream->second);
  streams_.erase(stream);
}

void Server::drop_connections_if(const std::function<bool(const PeerConnection&)>& condemned,
                                 std::string_view reason) {
  std::vector<std::uint32_t> ids;
  for (const auto& [id, connection] : connections_) {
    if (condemned(connection)) ids.push_back(id);
  }
  for (const auto id : ids) drop_connection(id, reason);
}

void Server::expire_connections(Instant now) {
  const auto is_late = [&](const PeerConnection& each) {
    return each.state != PeerConnection::State::Bound && now >= each.deadline;
  };
  for (const auto& [id, connection] : connections_) {
    if (is_late(connection) && connection.asked)
      refuse_connect(connection, error::kConnectionTimeoutOrFailure);
  }
  drop_connections_if(is_late, "not in time");
}

std::uint32_t Server::fresh_connection_id() {
  while (true) {
    const auto id = static_cast<std::uint32_t>(rng_->next());
    if (!connections_.contains(id)) return id;
  }
}

}  // namespace rtclab::turn
