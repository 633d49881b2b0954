// Finds this machine's candidates, and is the way to send from them: it owns the sockets, the TCP
// connections and the TURN allocations.
//
// Spec: RFC 8445 §5.1.1 (gathering, keeping candidates alive), §5.1.3 (redundant ones), §5.2
// (lite); RFC 6544 §4.1 and §5.1 (TCP); RFC 8838 §9; RFC 8656 by turn::Client. New transactions
// wait for the owner's pacer (start_next); within an allocation the turn::Client sends its second,
// authenticated request at once. Deviation from RFC 8445 §5.1.1.2, which paces that too: it saves a
// Ta in every call and adds one datagram to the rate at most once for each allocation.
#pragma once

#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/ice/agent.h"
#include "agents/ice/connections.h"
#include "agents/ice/foundation.h"
#include "agents/ice/outbox.h"
#include "agents/stun/transaction.h"
#include "agents/turn/client.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rtclab::ice {

// --- what a Gatherer reports to the agent ---
struct Found {
  StreamId stream;
  Candidate candidate;
};
struct Exhausted {  // nothing more will be found for this stream
  StreamId stream;
};
struct RelayLost {
  StreamId stream;
  Transport transport;
  Endpoint base;
  std::string reason;
};
struct PermissionAnswered {
  Transport transport;
  Endpoint base;
  Ip peer;
  int code;  // 0: granted
};
struct Arrival {  // a datagram from a peer, directly, through a relay, or in a frame on a
                  // connection
  StreamId stream;
  Path path;  // the local end is the base
  Bytes bytes;
};
using GatherReport =
    std::variant<Found, Exhausted, RelayLost, PermissionAnswered, Arrival, ConnectionLost>;

enum class Permission : std::uint8_t { Pending, Granted, Refused };

class Gatherer {
 public:
  // Both references outlive the object.
  Gatherer(const Configuration& configuration, Rng& rng, Outbox& outbox);

  // From the next start() on.
  void set_servers(std::vector<Endpoint> stun_servers, std::vector<TurnServer> turn_servers);
  void set_policy(CandidatePolicy policy) { configuration_.policy = policy; }
  // An address that comes during a search takes part in it; later ones too, when gathering is
  // continual.
  void add_address(const std::string& interface, const Ip& address);
  void remove_address(const Ip& address);

  // Begins, or after a restart of ICE repeats, the search for a stream; Exhausted follows once,
  // unless gathering is continual.
  void start(Instant now, StreamId stream);
  [[nodiscard]] bool is_searching(StreamId stream) const;

  // Transactions that wait for the pacer.
  [[nodiscard]] bool has_pending() const { return !pending_.empty(); }
  void start_next(Instant now);

  // Asks the relay at `base` to let `peer` through; answered by PermissionAnswered, if it was not
  // yet.
  void request_permission(Transport transport, const Endpoint& base, const Ip& peer);
  [[nodiscard]] Permission permission(Transport transport, const Endpoint& base,
                                      const Ip& peer) const;
  void bind_channel(Instant now, const Endpoint& base, const Endpoint& peer);
  void unbind_channel(Instant now, const Endpoint& base, const Endpoint& peer);

  // Over TCP the connection is opened, if need be.
  void send(Instant now, StreamId stream, const Path& path, ByteView bytes);
  // Whether data can leave at once: a TCP connection may be missing.
  [[nodiscard]] bool is_open(const Path& path) const;
  // From a socket of the machine: neither through a relay nor over TCP.
  [[nodiscard]] bool sends_directly(const Path& path) const {
    return path.transport == Transport::Udp && find_relay(Transport::Udp, path.local) == nullptr;
  }
  // Whether any server relays for us, whose datagrams look like a peer's.
  [[nodiscard]] bool has_relays() const;
  // Sockets, streams and what arrives on them; inputs of others are left alone.
  void handle_input(Instant now, const Input& input);

  // RFC 8445 §8.3, RFC 6544 §8: the candidates of a stream are needed no more, save those on the
  // paths in use: no keepalives, relays freed, other connections closed.
  void settle(Instant now, StreamId stream, const std::vector<Path>& in_use);
  void close_other_connections(StreamId stream, const std::vector<Path>& kept);
  // Releases what the stream holds: relays by a Refresh of 0, then the sockets.
  void close(Instant now, StreamId stream);

  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;
  [[nodiscard]] std::optional<GatherReport> poll_report();

  [[nodiscard]] Foundations& foundations() { return foundations_; }

 private:
  struct Address {
    std::string interface;
    Ip ip;
  };
  struct Socket {
    StreamId stream;
    Transport transport;
    std::optional<TcpType> tcp_type;  // of a listening one
    Ip ip;
    std::size_t rank;  // among the addresses, best first
    std::uint32_t request;
    std::optional<Endpoint> local;  // none until it is open
    bool closing = false;           // once its relays are gone
  };
  // A STUN server as seen from one socket.
  struct Probe {
    StreamId stream;
    Endpoint socket;
    Endpoint server;
    std::size_t server_rank;
    std::optional<stun::Transaction> transaction;
    std::optional<Endpoint> mapped;
    std::size_t moves = 0;           // how often that was another than before
    std::optional<Instant> refresh;  // when the binding wants a keepalive
    bool settled = false;            // answered or given up, for this search
  };
  // A peer's connection at a relay (RFC 6062).
  struct RelayedConnection {
    Endpoint peer;
    std::optional<std::uint32_t> request;  // while it is being made
    std::optional<std::uint32_t> id;       // the client's, once it stands
  };
  struct Relay {
    StreamId stream;
    Endpoint socket;  // over TCP and TLS: the UDP socket whose address the connection leaves from
    std::size_t server_rank;
    Endpoint server;  // as configured; the client may have been sent on to another
    turn::Client client;
    // A Client numbers its own requests; these are (ours, the client's).
    std::vector<std::pair<std::uint32_t, std::uint32_t>> requests = {};
    Transport relays_over = Transport::Udp;
    std::vector<Endpoint> relayed = {};  // one for each family
    std::vector<RelayedConnection> connections = {};
    bool settled = false;
    bool closing = false;
    bool gone = false;
    std::vector<std::pair<Ip, Permission>> permissions = {};
  };
  struct StartProbe {
    Endpoint socket;
    Endpoint server;
  };
  struct StartRelay {
    Endpoint socket;
    std::size_t server_rank;  // in configuration_.turn_servers
    Transport relays_over;
  };
  struct AskPermission {
    Transport transport;
    Endpoint base;
    Ip peer;
  };
  using Pending = std::variant<StartProbe, StartRelay, AskPermission>;

  // --- sockets and host candidates: gatherer.cc ---
  void open_sockets(StreamId stream);
  void open_socket(StreamId stream, const Ip& ip, std::size_t rank,
                   std::optional<TcpType> listening);
  [[nodiscard]] std::size_t take_rank(StreamId stream, const Ip& ip, std::size_t wanted);
  void search_from(const Socket& socket);
  void handle_socket_opened(const SocketOpened& opened);
  void handle_socket_failed(Instant now, const SocketFailed& failed);
  void handle_stream_opened(Instant now, const StreamOpened& opened);
  void handle_stream_closed(Instant now, const StreamClosed& closed);
  void handle_received(Instant now, const Received& received);
  void pump_connections();
  struct Origin {  // which server told a candidate
    Endpoint server;
    std::size_t rank;
    std::string url;
  };
  void found(const Socket& socket, CandidateType type, const Endpoint& address,
             const Endpoint& base, const std::optional<Origin>& origin = std::nullopt);
  void found_tcp(const Socket& socket, CandidateType type, TcpType tcp_type,
                 const Endpoint& address, const std::optional<Origin>& origin = std::nullopt);
  void finish_searches();
  void finish_closing();
  [[nodiscard]] bool goes_on(StreamId stream) const;
  [[nodiscard]] std::optional<Endpoint> related_to(const Candidate& candidate) const;
  [[nodiscard]] const Socket* find_socket(const Endpoint& local,
                                          Transport transport = Transport::Udp) const;
  [[nodiscard]] Duration rto() const;
  [[nodiscard]] std::size_t servers_for(const Socket& socket) const;

  // --- STUN servers: gatherer_probes.cc ---
  void probe(const Socket& socket, const Endpoint& server, std::size_t server_rank);
  void start(Instant now, const StartProbe& pending);
  void begin_transaction(Instant now, Probe& probe);
  [[nodiscard]] bool handle_probe_response(Instant now, const Received& received);
  void handle_probe_timeouts(Instant now);
  [[nodiscard]] Probe* find_probe(const Endpoint& socket, const Endpoint& server);

  // --- TURN servers: gatherer_relays.cc ---
  void search_relays(const Socket& socket);
  void search_relay(const Socket& socket, std::size_t server_rank, Transport relays_over);
  [[nodiscard]] turn::RelayFamilies relay_families() const;
  void found_relayed(const Socket& socket, const Relay& relay);
  void start(Instant now, const StartRelay& pending);
  void start(Instant now, const AskPermission& pending);
  void pump(Instant now, Relay& relay);
  [[nodiscard]] bool pass_to_relays(Instant now, const Input& input);
  [[nodiscard]] bool answer_relay(Instant now, std::uint32_t request, Input input);
  void handle_relay_event(Relay& relay, const turn::Allocated& allocated);
  void handle_relay_event(Relay& relay, const turn::AllocationFailed& failed);
  void handle_relay_event(Relay& relay, const turn::PermissionGranted& granted);
  void handle_relay_event(Relay& relay, const turn::PermissionRefused& refused);
  void handle_relay_event(Relay& relay, const turn::Data& data);
  void handle_relay_event(Relay& relay, const turn::Closed& closed);
  void handle_relay_event(Relay& relay, const turn::PeerConnected& connected);
  void handle_relay_event(Relay& relay, const turn::PeerConnectionFailed& failed);
  void handle_relay_event(Relay& relay, const turn::ConnectionData& data);
  void handle_relay_event(Relay& relay, const turn::PeerDisconnected& disconnected);
  // False: it is for the network.
  [[nodiscard]] bool pass_to_relayed_connection(const Output& output);
  [[nodiscard]] static Path path_of(const Relay& relay, const RelayedConnection& connection);
  template <class Other>
  void handle_relay_event(Relay&, const Other&) {}  // of interest in the trace only
  void answer_permission(Relay& relay, const Ip& peer, Permission permission, int code);
  void give_up(Relay& relay, int code, const std::string& reason);
  void close_relay(Instant now, Relay& relay);
  void lose_relays(const Ip& address);
  // The bases of its candidates.
  [[nodiscard]] static std::vector<Endpoint> bases_of(const Relay& relay);
  [[nodiscard]] static bool is_at(const Relay& relay, Transport transport, const Endpoint& base);
  [[nodiscard]] Relay* find_relay(Transport transport, const Endpoint& base);
  [[nodiscard]] const Relay* find_relay(Transport transport, const Endpoint& base) const;

  Configuration configuration_;
  CandidatePolicy policy_;  // of the search that goes on; set_policy() is for the next one
  Rng* rng_;
  Outbox* outbox_;
  Foundations foundations_;
  stun::TransactionIds ids_;
  Connections connections_;
  std::vector<Address> addresses_;
  std::vector<Socket> sockets_;
  // Whose each rank is, also of addresses that are gone: the peer knows their candidates.
  std::map<std::pair<StreamId, std::size_t>, Ip> ranks_;
  std::vector<Probe> probes_;
  std::deque<Relay> relays_;  // a Client does not move once it runs
  std::deque<Pending> pending_;
  std::vector<StreamId> searching_;
  std::deque<GatherReport> reports_;
  std::uint32_t next_request_ = 1;
  Instant now_{};  // of the call that goes on
};

}  // namespace rtclab::ice
