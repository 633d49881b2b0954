#include "agents/turn/client_connections.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace rtclab::turn {
namespace {

template <class T>
std::optional<T> pop(std::deque<T>& queue) {
  if (queue.empty()) return std::nullopt;
  std::optional<T> front{std::move(queue.front())};
  queue.pop_front();
  return front;
}

}  // namespace

void ClientConnections::bind(Instant now, const Wanted& wanted, ServerLink::Settings link,
                             const ClientRequests::Settings& requests,
                             const stun::LongTermClient& credentials) {
  auto& connection = connections_.emplace_back(
      Connection{wanted, {std::move(link), *rng_}, {requests, credentials, *rng_}});
  connection.link.open(now);
  follow(now, connection);
}

void ClientConnections::send(std::uint32_t id, ByteView bytes) {
  auto* const connection = find(id);
  if (connection == nullptr || connection->state != Connection::State::Bound) return;
  connection->link.send({bytes.begin(), bytes.end()});
  while (auto output = connection->link.poll_output()) outbox_.push_back(std::move(*output));
}

void ClientConnections::close(std::uint32_t id) {
  auto* const connection = find(id);
  if (connection == nullptr) return;
  end(*connection, 0, "closed by this side");
  sweep();
}

void ClientConnections::close_all() {
  for (auto& connection : connections_) end(connection, 0, "the allocation is no more");
  sweep();
}

bool ClientConnections::handle_input(Instant now, const Input& input) {
  for (auto& connection : connections_) {
    if (!connection.link.handle_input(now, input)) continue;
    follow(now, connection);
    sweep();
    return true;
  }
  return false;
}

void ClientConnections::handle_timeout(Instant now) {
  for (auto& connection : connections_) {
    connection.link.handle_timeout(now);
    connection.requests.handle_timeout(now);
    follow(now, connection);
  }
  sweep();
}

void ClientConnections::follow(Instant now, Connection& connection) {
  using enum Connection::State;
  if (connection.state == Opening && connection.link.state() == ServerLink::State::Open) {
    connection.state = Binding;
    connection.requests.start(now, ConnectionBind{connection.wanted.id});
  }
  follow_requests(connection);
  // One at a time: the answer to ConnectionBind makes data of what follows it.
  while (auto message = connection.link.poll_message()) {
    take_message(now, connection, std::move(*message));
    follow_requests(connection);
  }
  if (connection.link.state() == ServerLink::State::Closed)
    end(connection, 0, connection.link.why_closed());
  while (auto output = connection.link.poll_output()) outbox_.push_back(std::move(*output));
}

void ClientConnections::take_message(Instant now, Connection& connection, Bytes bytes) {
  if (connection.state == Connection::State::Bound) {
    events_.emplace_back(ConnectionData{connection.wanted.id, std::move(bytes)});
    return;
  }
  const auto message = stun::Message::parse(bytes);
  if (message) {
    connection.requests.handle_response(now, *message, bytes);
  } else {
    outbox_.emplace_back(PacketDiscarded{message.error()}.describe());
  }
}

void ClientConnections::follow_requests(Connection& connection) {
  while (const auto outcome = connection.requests.poll_outcome()) {
    if (std::holds_alternative<ClientRequests::Succeeded>(*outcome)) {
      connection.state = Connection::State::Bound;
      connection.link.carry_data();
      const auto& wanted = connection.wanted;
      const PeerConnected connected{wanted.id, wanted.peer, wanted.is_incoming};
      outbox_.emplace_back(connected.describe());
      events_.emplace_back(connected);
    } else if (const auto* const failed = std::get_if<ClientRequests::Failed>(&*outcome)) {
      end(connection, failed->code, "the server refused to bind the connection");
    }
  }
  while (auto message = connection.requests.poll_message())
    connection.link.send(std::move(*message));
}

void ClientConnections::end(Connection& connection, int code, std::string why) {
  using enum Connection::State;
  const auto before = std::exchange(connection.state, Over);
  if (before == Over) return;
  connection.requests.abandon();
  connection.link.close();
  while (auto output = connection.link.poll_output()) outbox_.push_back(std::move(*output));
  const auto& wanted = connection.wanted;
  if (before == Bound) {
    const PeerDisconnected disconnected{wanted.id, wanted.peer, std::move(why)};
    outbox_.emplace_back(disconnected.describe());
    events_.emplace_back(disconnected);
  } else {
    const PeerConnectionFailed failed{wanted.peer, code, std::move(why)};
    outbox_.emplace_back(failed.describe());
    events_.emplace_back(failed);
  }
}

void ClientConnections::sweep() {
  std::erase_if(connections_,
                [](const Connection& each) { return each.state == Connection::State::Over; });
}

ClientConnections::Connection* ClientConnections::find(std::uint32_t id) {
  const auto found = std::ranges::find_if(
      connections_, [&](const Connection& each) { return each.wanted.id == id; });
  return found == connections_.end() ? nullptr : &*found;
}

std::optional<Instant> ClientConnections::next_wakeup() const {
  std::optional<Instant> next;
  for (const auto& connection : connections_) {
    for (const auto at : {connection.link.next_wakeup(), connection.requests.next_wakeup()}) {
      if (at && (!next || *at < *next)) next = at;
    }
  }
  return next;
}

std::optional<Output> ClientConnections::poll_output() {
  return pop(outbox_);
}

std::optional<ClientEvent> ClientConnections::poll_event() {
  return pop(events_);
}

}  // namespace rtclab::turn
