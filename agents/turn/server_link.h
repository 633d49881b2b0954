// The way from a client to its server: datagrams of a socket that the owner has, or a stream of its
// own that is opened, secured where asked for, and cut into messages.
//
// Spec: RFC 8656 §3.1 and §5, RFC 8489 §6.2.2. A link is used once: what is closed stays closed.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/turn/server_transport.h"
#include "agents/turn/stream_deframer.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace rtclab::turn {

class ServerLink {
 public:
  struct Settings {
    ServerTransport transport = ServerTransport::Udp;
    Endpoint local;  // port 0 over a stream: the machine chooses
    Endpoint server;
    std::uint32_t request = 0;  // the number of its OpenStream
  };
  enum class State { New, Opening, Open, Closed };

  explicit ServerLink(Settings settings);

  // Open at once over UDP. A stream has 39.5 s to stand.
  void open(Instant now);
  // One whole message, ChannelData without padding: the link knows what its transport asks for.
  void send(Bytes message);
  void close();

  // False: it is about another socket or stream.
  bool handle_input(Instant now, const Input& input);
  void handle_timeout(Instant now);

  [[nodiscard]] std::optional<Bytes> poll_message();
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<Instant> next_wakeup() const { return give_up_at_; }
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const std::string& why_closed() const { return why_closed_; }
  [[nodiscard]] const Path& path() const { return path_; }
  // From now on the octets are a peer's data, not messages (RFC 6062 §4.3): poll_message() yields
  // them as they come.
  void carry_data();

 private:
  bool handle_stream(const Input& input);
  void take(ByteView octets);
  void give_up(std::string why);

  Settings settings_;
  Path path_;
  State state_ = State::New;
  std::string why_closed_;
  std::optional<Instant> give_up_at_;
  StreamDeframer deframer_;
  bool carries_data_ = false;
  std::deque<Bytes> messages_;
  std::deque<Output> outbox_;
};

}  // namespace rtclab::turn
