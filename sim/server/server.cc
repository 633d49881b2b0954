#include "sim/server/server.h"

#include <cassert>
#include <utility>
#include <vector>

namespace rtclab::signalling {
namespace {

SessionId session_of(tcp::ConnectionId id) {
  return SessionId{id.value()};
}
tcp::ConnectionId connection_of(SessionId id) {
  return tcp::ConnectionId{id.value()};
}

}  // namespace

Server::Server(sim::Host& host, const Endpoint& local, const SeededRng& rng)
    : host_{host}, local_{local}, rng_{rng.fork("signalling server")} {
  [[maybe_unused]] const auto listens =
      host_.tcp().listen(local_, [this](tcp::ConnectionId id, const Path&) { return accept(id); });
  assert(listens.has_value());
}

Server::~Server() {
  host_.tcp().stop_listening(local_);
  for (const auto& [id, socket] : sockets_) host_.tcp().drop(id);
}

sim::TcpHandlers Server::accept(tcp::ConnectionId id) {
  sockets_.emplace(id, websocket::Connection::server(rng_));
  sim::TcpHandlers handlers;
  handlers.received = [this, id](ByteView octets) {
    if (auto* socket = find(id)) socket->handle_octets(octets);
    settle(id);
  };
  handlers.finished = [this, id] {
    if (auto* socket = find(id)) socket->handle_end();
    settle(id);
  };
  handlers.closed = [this, id](std::string_view) {
    switchboard_.leave(session_of(id));
    sockets_.erase(id);
  };
  return handlers;
}

websocket::Connection* Server::find(tcp::ConnectionId id) {
  const auto found = sockets_.find(id);
  return found == sockets_.end() ? nullptr : &found->second;
}

// Acts on what the socket has to say, then writes to all whom it concerned.
void Server::settle(tcp::ConnectionId id) {
  if (auto* socket = find(id)) {
    while (const auto event = socket->poll_event()) act(id, *event);
    flush(id);
  }
  while (const auto delivery = switchboard_.poll_delivery()) {
    const auto to = connection_of(delivery->to);
    if (auto* socket = find(to); socket != nullptr && socket->is_open()) {
      socket->send_text(delivery->text);
      flush(to);
    }
  }
}

void Server::act(tcp::ConnectionId id, const websocket::Event& event) {
  if (const auto* opened = std::get_if<websocket::Opened>(&event)) {
    const auto name = name_in_target(opened->target);
    if (!name) {
      find(id)->close(websocket::CloseCode::PolicyViolation, "expected GET /ws?name=NAME");
    } else if (const auto older = switchboard_.join(session_of(id), *name)) {
      const auto replaced = connection_of(*older);
      if (auto* socket = find(replaced)) {
        socket->close(websocket::CloseCode::PolicyViolation, *name + " connected again");
        flush(replaced);
      }
    }
  } else if (const auto* text = std::get_if<websocket::Text>(&event)) {
    switchboard_.handle(session_of(id), text->text);
  } else {
    switchboard_.leave(session_of(id));
  }
}

void Server::flush(tcp::ConnectionId id) {
  auto* socket = find(id);
  while (const auto octets = socket->poll_output()) host_.tcp().send(id, *octets);
  if (socket->is_over()) host_.tcp().close(id);
}

}  // namespace rtclab::signalling
