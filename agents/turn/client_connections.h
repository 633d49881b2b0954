// The client's data connections: each is a stream to the server that a ConnectionBind joins with a
// peer's connection, and from then on carries that peer's octets.
//
// Spec: RFC 6062 §4.3 to §4.6.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/stun/long_term_client.h"
#include "agents/turn/client_event.h"
#include "agents/turn/client_requests.h"
#include "agents/turn/server_link.h"

#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::turn {

class ClientConnections {
 public:
  struct Wanted {
    std::uint32_t id;  // CONNECTION-ID
    Endpoint peer;
    bool is_incoming;
  };
  explicit ClientConnections(Rng& rng) : rng_{&rng} {}

  // Opens a stream to the server and binds it.
  void bind(Instant now, const Wanted& wanted, ServerLink::Settings link,
            const ClientRequests::Settings& requests, const stun::LongTermClient& credentials);
  // Lost where there is no such connection.
  void send(std::uint32_t id, ByteView bytes);
  void close(std::uint32_t id);
  void close_all();

  bool handle_input(Instant now, const Input& input);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Instant> next_wakeup() const;
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<ClientEvent> poll_event();

 private:
  struct Connection {
    Wanted wanted;
    ServerLink link;
    ClientRequests requests;
    enum class State { Opening, Binding, Bound, Over } state = State::Opening;
  };

  [[nodiscard]] Connection* find(std::uint32_t id);
  void follow(Instant now, Connection& connection);
  void follow_requests(Connection& connection);
  void take_message(Instant now, Connection& connection, Bytes message);
  void end(Connection& connection, int code, std::string why);
  void sweep();

  Rng* rng_;
  std::list<Connection> connections_;
  std::deque<Output> outbox_;
  std::deque<ClientEvent> events_;
};

}  // namespace rtclab::turn
