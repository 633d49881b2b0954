// One end of a WebSocket, sans-I/O: octets of the TCP connection in and out, text messages as
// events.
//
// Spec: RFC 6455. Reads fragmented messages, writes unfragmented ones; answers pings; refuses
// binary messages (1003), text that is not UTF-8 (1007) and messages above 1 MiB (1009). The owner
// drains poll_output() and poll_event() after each call, and closes the TCP connection when
// is_over() says so.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/rng.h"
#include "sim/server/http_upgrade.h"
#include "sim/server/websocket_frame.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace rtclab::websocket {

inline constexpr std::size_t kLargestMessage = 1 << 20;
inline constexpr std::size_t kLargestHead = 8192;

// §7.4.1, those that we send.
enum class CloseCode : std::uint16_t {
  Normal = 1000,
  ProtocolError = 1002,
  UnsupportedData = 1003,
  NoStatus = 1005,  // never on the wire
  Abnormal = 1006,  // never on the wire
  InvalidText = 1007,
  PolicyViolation = 1008,
  TooBig = 1009,
};

struct Opened {
  std::string target;  // what the client asked for
};
struct Text {
  std::string text;
};
struct Closed {
  std::uint16_t code;  // a CloseCode, or another number of the peer's
  std::string reason;
};
using Event = std::variant<Opened, Text, Closed>;

class Connection {
 public:
  // The client's request goes out at once. `rng` outlives this object: it draws the key and the
  // masks.
  static Connection client(std::string host, std::string target, Rng& rng);
  static Connection server(Rng& rng) { return {Role::Server, rng}; }

  void handle_octets(ByteView octets);
  // The TCP connection ended, or the peer will send no more on it.
  void handle_end();
  // Precondition: is_open(), and `text` is UTF-8.
  void send_text(std::string_view text);
  void ping(std::string_view payload);  // at most 125 octets; precondition: is_open()
  void close(CloseCode code, std::string_view reason);

  [[nodiscard]] std::optional<Bytes> poll_output();
  [[nodiscard]] std::optional<Event> poll_event();
  [[nodiscard]] bool is_open() const { return state_ == State::Open; }
  // Nothing more is to be read, and after poll_output() nothing to be written.
  [[nodiscard]] bool is_over() const { return state_ == State::Over; }

 private:
  enum class State : std::uint8_t { Opening, Open, Closing, Over };

  Connection(Role role, Rng& rng);
  void handle_head();
  void handle_frames();
  void handle_frame(Frame frame);
  void handle_data(const Frame& frame);
  void handle_close(ByteView payload);
  void write(Opcode opcode, ByteView payload);
  void write_close(CloseCode code, std::string_view reason);
  void fail(CloseCode code, std::string_view reason);
  void end_now(std::uint16_t code, std::string_view reason);
  void end_now(CloseCode code, std::string_view reason);

  Role role_;
  Rng* rng_;
  State state_ = State::Opening;
  UpgradeRequest request_;  // a client's
  std::string head_;
  FrameReader reader_;
  std::optional<std::string> message_;  // the fragments so far
  std::deque<Bytes> outgoing_;
  std::deque<Event> events_;
};

}  // namespace rtclab::websocket
