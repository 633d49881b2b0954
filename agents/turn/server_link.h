// The way from a client to its server: datagrams of a socket that the owner has, or a stream of its
// own that is opened and secured.
//
// Spec: RFC 8656 §3.1 and §5, RFC 8489 §6.2.2 and §6.2.3. A link is used once: what is closed stays
// closed.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/tls/session.h"
#include "agents/turn/framed_stream.h"
#include "agents/turn/server_transport.h"

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
    tls::ClientSettings tls;    // over TLS
    FramedStream::Padding padding = FramedStream::Padding::ToFourOctets;
  };
  enum class State { New, Opening, Open, Closed };

  // `rng` outlives the link.
  ServerLink(Settings settings, Rng& rng);

  // Open at once over UDP. A stream has 39.5 s to stand, TLS and all.
  void open(Instant now);
  // One whole message, ChannelData without padding: the link knows what its transport asks for.
  void send(Bytes message);
  void close();
  // From now on the octets are a peer's data (RFC 6062 §4.3): poll_message() yields them as they
  // come.
  void carry_data() { stream_->carry_data(); }

  // False: it is about another socket or stream.
  bool handle_input(Instant now, const Input& input);
  void handle_timeout(Instant now);

  [[nodiscard]] std::optional<Bytes> poll_message();
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<Instant> next_wakeup() const { return give_up_at_; }
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const std::string& why_closed() const { return why_closed_; }

 private:
  bool handle_stream(Instant now, const Input& input);
  void handle_opened(Instant now, const Path& path);
  // What the stream did meanwhile becomes outputs and state.
  void follow_stream();
  void note_closed(std::string why);

  Settings settings_;
  Rng* rng_;
  State state_ = State::New;
  std::string why_closed_;
  std::optional<Instant> give_up_at_;
  std::optional<FramedStream> stream_;
  std::deque<Bytes> datagrams_;
  std::deque<Output> outbox_;
};

}  // namespace rtclab::turn
