// A TURN client and a TURN server joined in memory, with virtual time between them: no socket, no
// sleep.
//
// Both directions take 10 ms. `lost` decides which datagrams of the client or the server never
// arrive; streams lose nothing.
#pragma once

#include "agents/base/rng.h"
#include "agents/stun/attributes.h"
#include "agents/stun/message.h"
#include "agents/turn/client.h"
#include "agents/turn/server.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <variant>
#include <vector>

namespace rtclab::turn {

inline const Endpoint kServer = *Endpoint::parse("198.51.100.1:3478");
inline const Endpoint kTlsServer = *Endpoint::parse("198.51.100.1:5349");
inline const Endpoint kClient = *Endpoint::parse("192.0.2.1:5000");
inline const Endpoint kPeer = *Endpoint::parse("203.0.113.9:4000");
inline const Endpoint kSamePeerOtherPort = *Endpoint::parse("203.0.113.9:4001");
inline const Endpoint kStranger = *Endpoint::parse("203.0.113.66:4000");

inline std::ostream& operator<<(std::ostream& out, ServerTransport transport) {
  return out << to_string(transport);
}

// One that reaches server_config() over this transport, and trusts it.
[[nodiscard]] Config client_config(ServerTransport transport = ServerTransport::Udp);
// One that listens on UDP, TCP and TLS.
[[nodiscard]] Server::Config server_config();

class World {
 public:
  explicit World(Config client = client_config(), Server::Config server = server_config());

  // Something that crossed between client and server, or left the relay for a peer.
  struct Sent {
    Instant at;
    Path path;
    Bytes bytes;
  };

  // Lets virtual time pass; everything due until then happens in its order.
  void run_for(Duration duration);
  void run_until(Instant end);
  // The peer sends to the relayed address, now.
  void peer_sends(const Endpoint& peer, std::string_view text);
  // RFC 6062, now: the peer answers the connection that the server asks for, connects by itself, or
  // sends over its connection.
  void peer_accepts(const OpenStream& open);
  void peer_connects(const Endpoint& peer);
  void peer_streams(const Path& path, std::string_view text);
  // Collects what the agents want after a call of their interface.
  void drain();

  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] Client& client() { return client_; }
  [[nodiscard]] Server& server() { return server_; }

  // What the peers received, as "source text"; taken.
  [[nodiscard]] std::vector<std::string> take_at_peer();
  // What the client's owner was told; taken.
  [[nodiscard]] std::vector<ClientEvent> take_events();
  template <class E>
  [[nodiscard]] std::vector<E> take() {
    std::vector<E> found;
    for (auto& event : take_events()) {
      if (auto* const wanted = std::get_if<E>(&event)) found.push_back(std::move(*wanted));
    }
    return found;
  }

  // Requests of one method that the client sent, resends included.
  [[nodiscard]] std::vector<stun::Message> requests(stun::Method method) const;
  [[nodiscard]] std::vector<Instant> request_times(stun::Method method) const;
  [[nodiscard]] std::vector<stun::Message> responses(stun::Method method) const;
  [[nodiscard]] int events_named(std::string_view name) const;

  std::function<bool(const Path&, ByteView)> lost = [](const Path&, ByteView) { return false; };
  // Ports of the server's machine that somebody else has.
  std::function<bool(const Endpoint&)> port_is_foreign = [](const Endpoint&) { return false; };
  // Every stream that the client asks for is refused.
  bool refuse_streams = false;
  // RFC 6062: streams that the server asked for towards peers, or closed.
  std::vector<OpenStream> to_peer_streams;
  std::vector<Path> closed_streams;
  std::vector<Sent> from_client;
  std::vector<Sent> from_server;
  std::vector<Sent> to_peers;
  std::vector<Event> trace;

 private:
  // What is on its way: a datagram or octets of a stream, or news about a stream. The path is the
  // receiver's.
  struct News {
    std::optional<std::uint32_t> request;
    enum class What { Opened, Failed, Closed } what;
  };
  struct InFlight {
    bool to_server;
    Path path;
    std::variant<Bytes, News> content;
  };
  void post(Duration delay, InFlight what) { wire_.emplace(now_ + delay, std::move(what)); }
  void deliver(const InFlight& what);
  void take_from_client(Output output);
  void take_from_server(Output output);
  void open_stream(const OpenStream& open);

  // On the heap, because the agents keep a reference and a World moves.
  std::unique_ptr<SeededRng> rng_ = std::make_unique<SeededRng>(42u);
  std::unique_ptr<SeededRng> server_rng_ = std::make_unique<SeededRng>(43u);
  Instant now_{std::chrono::seconds{1}};
  Client client_;
  Server server_;
  std::uint16_t next_port_ = 40000;
  std::multimap<Instant, InFlight> wire_;
  std::vector<ClientEvent> events_;
};

// A world whose client has its allocation.
[[nodiscard]] World an_allocation(Config client = client_config(),
                                  Server::Config server = server_config());
// And a permission for kPeer, as of the returned world's now().
[[nodiscard]] World a_permission(Config client = client_config(),
                                 Server::Config server = server_config());

}  // namespace rtclab::turn
