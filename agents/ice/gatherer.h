// Finds this machine's candidates, and is the way to send from them: it owns the sockets and the
// TURN allocations.
//
// Spec: RFC 8445 §5.1.1 (gathering, keeping candidates alive), §5.1.3 (redundant ones), RFC 8838
// §9; RFC 8656 by turn::Client. New transactions wait for the owner's pacer (start_next); within an
// allocation the turn::Client sends its second, authenticated request at once. Deviation from RFC
// 8445 §5.1.1.2, which paces that too: it saves a Ta in every call and adds one datagram to the
// rate at most once for each allocation.
#pragma once

#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/ice/agent.h"
#include "agents/ice/foundation.h"
#include "agents/ice/outbox.h"
#include "agents/stun/transaction.h"
#include "agents/turn/client.h"

#include <deque>
#include <optional>
#include <string>
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
  Endpoint base;
  std::string reason;
};
struct PermissionAnswered {
  Endpoint base;
  Ip peer;
  int code;  // 0: granted
};
struct Arrival {  // a datagram from a peer, directly or through a relay
  StreamId stream;
  Endpoint base;
  Endpoint remote;
  Bytes bytes;
};
using GatherReport = std::variant<Found, Exhausted, RelayLost, PermissionAnswered, Arrival>;

enum class Permission : std::uint8_t { Pending, Granted, Refused };

class Gatherer {
 public:
  // Both references outlive the object.
  Gatherer(const Configuration& configuration, Rng& rng, Outbox& outbox);

  void set_servers(std::vector<Endpoint> stun_servers, std::vector<TurnServer> turn_servers);
  void set_policy(CandidatePolicy policy) { configuration_.policy = policy; }
  void add_address(const std::string& interface, const Ip& address);
  void remove_address(const Ip& address);

  // Begins, or after a restart of ICE repeats, the search for a stream; Exhausted follows once.
  void start(Instant now, StreamId stream);
  [[nodiscard]] bool is_searching(StreamId stream) const;
  void handle_socket_opened(Instant now, const SocketOpened& opened);
  void handle_socket_failed(Instant now, const SocketFailed& failed);

  // Transactions that wait for the pacer.
  [[nodiscard]] bool has_pending() const { return !pending_.empty(); }
  void start_next(Instant now);

  // Asks the relay at `base` to let `peer` through; answered by PermissionAnswered, if it was not
  // yet.
  void request_permission(const Endpoint& base, const Ip& peer);
  [[nodiscard]] Permission permission(const Endpoint& base, const Ip& peer) const;
  void bind_channel(Instant now, const Endpoint& base, const Endpoint& peer);

  void send(Instant now, const Endpoint& base, const Endpoint& remote, ByteView bytes);
  // What arrived at a socket: used up here, or reported as an Arrival.
  void handle_datagram(Instant now, const Received& received);

  // RFC 8445 §8.3: the candidates of a stream are needed no more, save the base in use: no
  // keepalives, relays freed.
  void settle(Instant now, StreamId stream, const Endpoint& base_in_use);
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
    std::optional<Instant> refresh;  // when the binding wants a keepalive
    bool settled = false;            // answered or given up, for this search
  };
  struct Relay {
    StreamId stream;
    Endpoint socket;
    std::size_t server_rank;
    turn::Client client;
    std::optional<Endpoint> relayed;
    bool settled = false;
    bool closing = false;
    bool gone = false;
    std::vector<std::pair<Ip, Permission>> permissions;
  };
  struct StartProbe {
    Endpoint socket;
    Endpoint server;
  };
  struct StartRelay {
    Endpoint socket;
    std::size_t server_rank;  // in configuration_.turn_servers
  };
  struct AskPermission {
    Endpoint base;
    Ip peer;
  };
  using Pending = std::variant<StartProbe, StartRelay, AskPermission>;

  void open_sockets(StreamId stream);
  void search_from(const Socket& socket);
  void probe(const Socket& socket, const Endpoint& server, std::size_t server_rank);
  void start(Instant now, const StartProbe& pending);
  void start(Instant now, const StartRelay& pending);
  void start(Instant now, const AskPermission& pending);
  void begin_transaction(Instant now, Probe& probe);
  [[nodiscard]] bool handle_probe_response(Instant now, const Received& received);
  void pump(Instant now, Relay& relay);
  void handle_relay_event(Instant now, Relay& relay, const turn::ClientEvent& event);
  void give_up(Relay& relay, int code, const std::string& reason);
  void found(const Socket& socket, CandidateType type, const Endpoint& address,
             const Endpoint& base, const std::optional<Endpoint>& server, std::size_t server_rank,
             const std::string& url);
  void finish_searches();
  void finish_closing();
  [[nodiscard]] const Socket* find_socket(const Endpoint& local) const;
  [[nodiscard]] Probe* find_probe(const Endpoint& socket, const Endpoint& server);
  [[nodiscard]] Relay* find_relay(const Endpoint& base);
  [[nodiscard]] const Relay* find_relay(const Endpoint& base) const;
  [[nodiscard]] Duration rto() const;

  Configuration configuration_;
  Rng* rng_;
  Outbox* outbox_;
  Foundations foundations_;
  stun::TransactionIds ids_;
  std::vector<Address> addresses_;
  std::vector<Socket> sockets_;
  std::vector<Probe> probes_;
  std::deque<Relay> relays_;  // a Client does not move once it runs
  std::deque<Pending> pending_;
  std::vector<StreamId> searching_;
  std::deque<GatherReport> reports_;
  std::uint32_t next_request_ = 1;
};

}  // namespace rtclab::ice
