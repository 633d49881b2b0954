// The TCP of one agent on its machine: streams that are named by their paths, as agents/base/io.h
// has them, over the machine's connections.
//
// Spec: RFC 9293; RFC 6544 §4.1 and §7.1 (an ICE agent listens on a port, connects from it to other
// peers, and to one that connects to it at the same time).
// A peer's FIN ends a stream for the agent: no protocol of ours goes on sending after it.
#pragma once

#include "agents/base/io.h"
#include "agents/base/result.h"
#include "sim/host/tcp_sockets.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace rtclab::sim {

class Host;

class AgentStreams {
 public:
  // Gets StreamOpened, Received, StreamClosed and SocketFailed; never from within a call of this.
  using Tell = std::function<void(const Input&)>;

  AgentStreams(Host& host, Tell tell) : host_{host}, tell_{std::move(tell)} {}
  AgentStreams(const AgentStreams&) = delete;
  AgentStreams& operator=(const AgentStreams&) = delete;
  ~AgentStreams();  // resets every stream

  // The endpoint that listens from now on, or why it does not.
  [[nodiscard]] tl::expected<Endpoint, std::string> listen(const Endpoint& local);
  // What was accepted there stays.
  void stop_listening(const Endpoint& local);
  // Why it cannot even begin; otherwise the answer comes by way of Tell.
  [[nodiscard]] std::optional<std::string> open(const OpenStream& asked);
  // The agent hears no more of the stream. Also one that is opening, by the endpoints it asked for.
  void close(const Path& path);
  // What is sent on a stream that is not open is lost.
  void send(const Path& path, ByteView octets);

 private:
  struct Stream {
    Path path;
    std::optional<OpenStream> asked;  // until it is open
  };

  [[nodiscard]] TcpHandlers handlers_of(tcp::ConnectionId id);
  [[nodiscard]] TcpHandlers accept(tcp::ConnectionId id, const Path& path);
  void note_connected(tcp::ConnectionId id);
  void note_received(tcp::ConnectionId id, ByteView octets);
  void note_finished(tcp::ConnectionId id);
  void note_end(tcp::ConnectionId id, std::string_view why);
  [[nodiscard]] std::optional<tcp::ConnectionId> find(const Path& path) const;

  Host& host_;
  Tell tell_;
  std::set<Endpoint> listening_;
  std::map<tcp::ConnectionId, Stream> streams_;
};

}  // namespace rtclab::sim
