// The TCP connections of one machine, as its programs see them: calls go in, callbacks come out.
//
// The protocol itself is tcp::Stack, which knows neither ns-3 nor callbacks.
#pragma once

#include "agents/base/result.h"
#include "agents/base/rng.h"
#include "sim/host/tcp_stack.h"
#include "sim/link/timer.h"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::sim {

class Host;

// Any of them may be left out, and each may call into the sockets, also to close its own
// connection.
struct TcpHandlers {
  std::function<void()> connected;
  std::function<void(ByteView)> received;
  std::function<void()> finished;                    // the peer will send no more; we still may
  std::function<void(std::string_view why)> closed;  // the last call there is
};

class TcpSockets {
 public:
  // Makes the handlers of a connection that is there from now on.
  using Greet = std::function<TcpHandlers(tcp::ConnectionId, const Path&)>;

  TcpSockets(Host& host, SeededRng rng);

  // Segments must fit every link: the machine has an interface with this MTU.
  void note_mtu(std::size_t mtu);

  // Port 0 draws a free dynamic port; an unspecified address listens on all. The error is a
  // sentence: somebody listens there already, or the address is not the machine's.
  [[nodiscard]] tl::expected<Endpoint, std::string> listen(Endpoint local, Greet accept);
  void stop_listening(const Endpoint& local);
  // Port 0 draws a free dynamic port; another may be one that listens or has other connections. The
  // error is a sentence: the address is not the machine's, or the path is in use already. A failure
  // after that is a call of `closed`. `greet` is called before this returns.
  [[nodiscard]] tl::expected<tcp::ConnectionId, std::string> connect(Endpoint local,
                                                                     const Endpoint& remote,
                                                                     const Greet& greet);
  void send(tcp::ConnectionId id, ByteView data);
  void close(tcp::ConnectionId id);  // FIN behind what was sent
  // Resets the connection and forgets its handlers: none is called from here on.
  void drop(tcp::ConnectionId id);

  void receive(const Ip& source, const Ip& destination, ByteView segment);
  void deliver(const Unreachable& unreachable);
  // RFC 1191 §6.4, RFC 8201 §5.4: the connection's segments fit from now on.
  void note_path_mtu(const Path& path, std::size_t mtu);

 private:
  [[nodiscard]] std::optional<Port> free_port(const Ip& ip);
  void settle();
  void dispatch(const tcp::StackEvent& event);

  Host& host_;
  SeededRng rng_;
  tcp::Stack stack_;
  Timer timer_;
  std::map<Endpoint, std::shared_ptr<const Greet>> listeners_;
  std::map<tcp::ConnectionId, std::shared_ptr<const TcpHandlers>> handlers_;
  bool settling_ = false;
};

}  // namespace rtclab::sim
