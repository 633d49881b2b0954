// One end of a stream between a TURN client and its server, from the moment it stands: secured
// where asked for, and cut into messages.
//
// Spec: RFC 8489 §6.2.2 and §6.2.3, RFC 8656 §12.5; RFC 6062 §4.3, after whose ConnectionBind the
// octets are a peer's data instead.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/io.h"
#include "agents/base/time.h"
#include "agents/tls/session.h"
#include "agents/turn/stream_deframer.h"

#include <deque>
#include <optional>
#include <string>

namespace rtclab::turn {

class FramedStream {
 public:
  enum class State { Securing, Open, Closed };

  // Without padding only by fault (TurnChannelDataUnpadded).
  enum class Padding { ToFourOctets, None };
  FramedStream(const Path& path, std::optional<tls::Session> tls,
               Padding padding = Padding::ToFourOctets);

  // Once: a TLS client begins its handshake.
  void start(Instant now);
  void receive(Instant now, ByteView octets);
  // One whole message, ChannelData without its padding; or data, once it carries that. Lost unless
  // the stream is open.
  void send(Bytes message);
  // Says so to the peer, by TLS too. What was sent before still leaves.
  void close();
  // The network says that it is no more.
  void note_closed(std::string why);
  // poll_message() yields octets as they come from now on, beginning with those behind the message
  // that was polled last.
  void carry_data() { carries_data_ = true; }

  // The next message. One at a time, because what it says can change what the octets behind it are;
  // octets that are no message close the stream.
  [[nodiscard]] std::optional<Bytes> poll_message();
  [[nodiscard]] std::optional<Output> poll_output();  // Transmit, CloseStream, Event
  [[nodiscard]] State state() const { return state_; }
  // Why it closed, unless by close().
  [[nodiscard]] const std::string& why_closed() const { return why_closed_; }
  [[nodiscard]] const Path& path() const { return path_; }

 private:
  void follow_tls();
  void give_up(std::string why);

  Path path_;
  std::optional<tls::Session> tls_;
  Padding padding_;
  State state_;
  std::string why_closed_;
  StreamDeframer deframer_;
  bool carries_data_ = false;
  std::deque<Output> outbox_;
};

}  // namespace rtclab::turn
