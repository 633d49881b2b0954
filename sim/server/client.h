// A person's end of the signalling: a WebSocket from a host to the signalling server.
//
// On the wire each message is one WebSocket text message, a JSON object, so that a capture shows
// it:
//   {"to":"bob","id":"alice-1","body":{"type":"offer","sdp":"v=0…"}}     to the server
//   {"to":"bob","id":"alice-1","body":{…},"from":"alice"}                from the server
// `body` is the text itself where that is compact JSON, and a string that holds it otherwise.
// The client registers by the name in the request: GET /ws?name=alice.
#pragma once

#include "agents/base/rng.h"
#include "sim/host/host.h"
#include "sim/link/timer.h"
#include "sim/server/channel.h"
#include "sim/server/websocket.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::signalling {

enum class ConnectionState : std::uint8_t { Closed, Connecting, Open };

[[nodiscard]] std::string_view to_string(ConnectionState state);  // "closed", "connecting", "open"

class Client final : public Channel {
 public:
  struct Config {
    std::string name;  // letters, digits, '.', '_' and '-'; at most 64
    Endpoint server;
    Ip local;  // unspecified: the machine's first address of the server's family
  };
  using StateHandler = std::function<void(ConnectionState, std::string_view why)>;
  using ErrorHandler = std::function<void(std::string_view what)>;

  // `host` outlives this object.
  Client(sim::Host& host, Config config, const SeededRng& rng);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() override;

  // Opens the connection; also after it was closed. Without effect while there is one. When the
  // interface that it leaves by goes down, it is opened anew from another address, as soon as there
  // is one; what was on its way then may be lost. When the server ends it, or does not answer, it
  // is tried again after a second, then after twice as long each time, half a minute at most.
  void connect();
  // Says goodbye. What was sent and not yet handed over waits for the next connect().
  void disconnect();
  [[nodiscard]] ConnectionState state() const { return state_; }
  void on_state(StateHandler handler) { on_state_ = std::move(handler); }
  // The server's complaints about a message of ours.
  void on_error(ErrorHandler handler) { on_error_ = std::move(handler); }

  // May come before connect(): the message waits for the connection.
  std::string send(std::string_view to, std::string_view text) override;
  void on_message(Handler handler) override;

 private:
  void open(const Ip& from);
  void note_addresses(const sim::Interface& interface, const std::vector<Prefix>& addresses,
                      bool up);
  void try_later();
  void settle();
  void act(const websocket::Event& event);
  void handle(std::string_view text);
  void deliver();
  void set_state(ConnectionState state, std::string_view why);

  sim::Host& host_;
  Config config_;
  SeededRng rng_;
  ConnectionState state_ = ConnectionState::Closed;
  std::optional<tcp::ConnectionId> connection_;
  Ip leaves_by_;         // the connection's own address
  bool wanted_ = false;  // from connect() to disconnect()
  Duration pause_{0};    // before it is tried again
  sim::Timer retry_{[this] { connect(); }};
  std::uint64_t watcher_;
  std::optional<websocket::Connection> socket_;
  std::deque<std::string> unsent_;
  std::deque<Message> unread_;
  std::uint64_t sent_ = 0;
  Handler on_message_;
  StateHandler on_state_;
  ErrorHandler on_error_;
};

}  // namespace rtclab::signalling
