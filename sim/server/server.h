// The signalling machine: forwards JSON text messages between the people that are connected to it,
// and keeps those for people who are not there yet.
//
// A message is a JSON object with a member "to"; the server sets its member "from" and passes the
// rest on as it is. Whatever else comes is answered by {"error":"…"}, with the "id" of the message
// if it had one. A name that connects again takes the place of its older connection.
#pragma once

#include "agents/base/rng.h"
#include "sim/host/host.h"
#include "sim/server/switchboard.h"
#include "sim/server/websocket.h"

#include <map>

namespace rtclab::signalling {

inline constexpr Port kDefaultPort{8080};

class Server {
 public:
  // Listens on `local`, an address of `host`. Precondition: nobody else does.
  Server(sim::Host& host, const Endpoint& local, const SeededRng& rng);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  [[nodiscard]] const Switchboard& switchboard() const { return switchboard_; }

 private:
  sim::TcpHandlers accept(tcp::ConnectionId id);
  [[nodiscard]] websocket::Connection* find(tcp::ConnectionId id);
  void settle(tcp::ConnectionId id);
  void act(tcp::ConnectionId id, const websocket::Event& event);
  void flush(tcp::ConnectionId id);

  sim::Host& host_;
  Endpoint local_;
  SeededRng rng_;
  Switchboard switchboard_;
  std::map<tcp::ConnectionId, websocket::Connection> sockets_;
};

}  // namespace rtclab::signalling
