// The UDP sockets of one machine.
//
// Spec: RFC 768, RFC 1122 §4.1, RFC 6335 §6 (the dynamic ports that "port 0" chooses from).
#pragma once

#include "agents/base/io.h"
#include "agents/base/result.h"
#include "agents/base/rng.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace rtclab::sim {

class Host;

class UdpSockets {
 public:
  // Gets Received and Unreachable, nothing else. May bind and close sockets, its own too.
  using Handler = std::function<void(const Input&)>;

  UdpSockets(Host& host, SeededRng rng) : host_{host}, rng_{rng} {}

  // Port 0 draws a free dynamic port. An unspecified address listens on all of the machine's. The
  // error is a sentence: the address is not the machine's, or the port is taken.
  [[nodiscard]] tl::expected<Endpoint, std::string> bind(Endpoint local, Handler handler);
  void close(const Endpoint& local);
  // Sends from the socket path.local. False when there is no such socket, or the datagram cannot
  // leave.
  bool send(const Path& path, ByteView payload);

  // Whether a socket took the datagram; if not, the machine answers "port unreachable".
  bool deliver(const Received& received);
  void deliver(const Unreachable& unreachable);

 private:
  using Socket =
      std::shared_ptr<const Handler>;  // shared, because a handler may close its own socket
  [[nodiscard]] bool is_free(const Endpoint& local) const;
  [[nodiscard]] Socket find(const Endpoint& local) const;

  Host& host_;
  SeededRng rng_;
  std::map<Endpoint, Socket> sockets_;
};

}  // namespace rtclab::sim
