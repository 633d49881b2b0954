// A STUN server: tells clients how their address looks from here, and, with two addresses and two
// ports, lets them find out how their NAT maps and filters.
//
// Spec: RFC 8489 §6.2.2, §6.3.1 and §12, RFC 5780 §6. It answers over UDP, and over TCP when told
// to, without authentication. It asks for its sockets when the machine announces its addresses. Of
// RFC 5780, TCP has the other address and port, which suffices for the tests of mapping; a response
// over TCP cannot come from elsewhere.
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/io.h"
#include "agents/stun/message.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::stun {

// A request that was answered with an error.
struct RequestRefused {
  static constexpr std::string_view kName = "stun:request_refused";
  Endpoint client;
  Method method;
  int code;
  Rule rule;
  [[nodiscard]] Event describe() const;
};

// Whether a server answers `message` at all: a request; an indication only by fault
// (StunAnswerIndications).
[[nodiscard]] bool wants_answer(const Message& message, const Deviations& deviations);
// The success response to a Binding request that came from `client` (RFC 8489 §6.3.1.2).
[[nodiscard]] Message binding_success(const Message& request, const Endpoint& client);
// The error responses that every server knows. `unknown` is not empty.
[[nodiscard]] Message error_response(const Message& request, int code);
[[nodiscard]] Message unknown_attribute_response(const Message& request,
                                                 std::vector<AttributeType> unknown);

class Server {
 public:
  struct Config {
    Port port{3478};
    // The second port of RFC 5780. It takes effect once the machine has two addresses of a family.
    std::optional<Port> alternate_port;
    std::string software = "rtclab";  // empty: no SOFTWARE attribute
    Deviations deviations;
    bool over_tcp = false;  // on both ports too
  };

  explicit Server(Config config);

  void handle_input(Instant now, const Input& input);
  void handle_timeout(Instant) {}
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const { return std::nullopt; }

 private:
  void handle_octets(const Received& received);
  void handle_message(const Received& received);
  void answer(const Path& path, const Message& request, bool well_formed);
  void answer_binding(const Path& path, const Message& request);
  void refuse(const Path& path, const Message& request, Message response, Rule rule);
  void send(const Path& path, const Message& request, Message response);
  void open(const Endpoint& local);
  [[nodiscard]] std::vector<Port> tcp_ports() const;
  [[nodiscard]] std::optional<Endpoint> other_address(const Path& path) const;
  [[nodiscard]] std::vector<AttributeType> understood(const Path& path) const;

  Config config_;
  std::vector<Ip> addresses_;
  std::uint32_t sockets_asked_for_ = 0;
  std::map<Path, Bytes> streams_;  // what of the next message has come
  std::deque<Output> outbox_;
};

}  // namespace rtclab::stun
