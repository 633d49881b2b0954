// A TURN client: one allocation at one server, made over UDP, TCP or TLS, kept alive until it is
// closed.
//
// Spec: RFC 8656 §7 to §12 (the client's half), RFC 6062 §4 (TCP allocations), RFC 8489 §6.2.2
// (streams), §9.2 (long-term credentials), §10 (redirection, which the client follows by itself).
// Over UDP the owner has the socket: it hands in what arrives from the server and sends what
// poll_output() yields. Over TCP and TLS the client asks for a stream of its own with OpenStream;
// it numbers its requests from 0, which an owner of several agents maps to numbers of its own. When
// the stream is lost, so is the allocation. The client refreshes the allocation, the permissions
// and the channels by itself, and renews nonces that went stale.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/deviation.h"
#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/stun/message.h"
#include "agents/tls/trust.h"
#include "agents/turn/channel_numbers.h"
#include "agents/turn/client_connections.h"
#include "agents/turn/client_event.h"
#include "agents/turn/client_requests.h"
#include "agents/turn/grant.h"
#include "agents/turn/server_link.h"
#include "agents/turn/server_transport.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::turn {

struct Config {
  Endpoint server;  // after a redirection the one that is used instead
  Endpoint local;   // over UDP the owner's socket; over a stream port 0 lets the machine choose
  std::string username;
  std::string password;
  std::string software = "rtclab";  // empty: no SOFTWARE attribute
  Duration rto = std::chrono::milliseconds{
      500};  // where nothing is known about the server yet (RFC 8445 §14.3)
  std::optional<Duration> lifetime;  // asked for in LIFETIME; nullopt leaves it to the server
  Deviations deviations;
  ServerTransport transport = ServerTransport::Udp;
  std::string host;  // the server's name as its URI has it; TLS holds the certificate against it
  tls::Trust trust;  // over TLS
  RelayFamilies families = RelayFamilies::V4;
  Transport relays_over = Transport::Udp;  // Tcp: RFC 6062; asks for a stream to the server too
  std::optional<stun::EvenPort> even_port;
  std::optional<stun::ReservationToken> token;  // of an earlier allocation: its reserved port
};

// Driven like every agent: after each call drain poll_output() and poll_event(), then arm
// next_wakeup().
class Client {
 public:
  Client(Config config, Rng& rng);

  // Once, at the start.
  void allocate(Instant now);
  // Asks for a permission and renews it until close(). Idempotent. Before the allocation stands it
  // is remembered.
  void create_permission(Instant now, const Ip& peer);
  // Binds a channel, which carries a permission with it, and renews both. Idempotent. When every
  // number was used once it waits for one that another peer has had (RFC 8656 §12).
  void bind_channel(Instant now, const Endpoint& peer);
  // Uses the channel no more and lets it end; what still comes through it counts. The permission
  // is kept.
  void unbind_channel(Instant now, const Endpoint& peer);
  // Sends through the channel when one is bound, else in a Send indication. Where no permission
  // stands yet it is asked for, and the datagram waits for the grant: no Send may leave before (RFC
  // 8656 §11.1). A few datagrams wait for each peer; further ones, and those to a peer that is
  // refused, are lost as any datagram may be.
  void send(Instant now, const Endpoint& peer, ByteView bytes);
  // Of a dual allocation, gives the address of one family back (RFC 8656 §8.1).
  void release(Instant now, Family family);

  // RFC 6062: asks for a connection to the peer. PeerConnected or PeerConnectionFailed follows; one
  // request to a peer at a time, and after 447 none for ten seconds (§4.3).
  void connect(Instant now, const Endpoint& peer);
  void send_on(std::uint32_t connection, ByteView bytes);
  void disconnect(std::uint32_t connection);

  // Deletes the allocation (RFC 8656 §8). Closed follows.
  void close(Instant now);

  // Whatever arrives on the paths that the client uses, and the answers to its OpenStreams. False:
  // it is not this client's.
  bool handle_input(Instant now, const Input& input);
  // UDP only: a datagram from the server's address. False: it is neither STUN nor ChannelData for
  // this client (an answer to a Binding request that the owner sent from the same socket, say), and
  // the owner may look at it.
  bool handle_datagram(Instant now, ByteView bytes);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Output>
  poll_output();  // Transmit, Event; over a stream also OpenStream and CloseStream
  [[nodiscard]] std::optional<ClientEvent> poll_event();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;

  [[nodiscard]] const Config& config() const { return config_; }
  // The first relayed address, and that of a family.
  [[nodiscard]] std::optional<Endpoint> relayed() const;
  [[nodiscard]] std::optional<Endpoint> relayed(Family family) const;
  [[nodiscard]] std::optional<Endpoint> mapped() const { return mapped_; }
  [[nodiscard]] bool has_permission(const Ip& peer) const;
  [[nodiscard]] std::optional<std::uint16_t> channel(const Endpoint& peer) const;

 private:
  enum class State { Idle, Connecting, Allocating, Allocated, Closing, Over };
  enum class Proof { NotNeeded, Permission };

  struct Held {
    Endpoint peer;
    Bytes bytes;
  };
  struct Permission {
    Grant grant;
    std::deque<Held> held;  // datagrams that wait for it
  };
  struct Channel {
    ChannelNumbers::Loan loan;
    Grant grant;
    std::optional<Instant> bound_until{};  // at the server, at the latest; nullopt: not known to be
    bool let_go = false;                   // once the request under way has its answer
  };
  // A channel that was let go, as long as the server may use it.
  struct Fading {
    Endpoint peer;
    Instant until;
  };

  bool receive(Instant now, ByteView bytes);
  // Does what is due at `now`, and hands on what the requests produced; each outcome may start
  // further ones.
  void settle(Instant now);
  void ask_for_what_is_due(Instant now);
  void ask_for_channels(Instant now);
  // The answer to a ChannelBind, or none: until when the server may keep that binding.
  void note_bound(Instant now, const Endpoint& peer);
  void let_go(const Endpoint& peer);
  // Whose channel this is, also one that was let go.
  [[nodiscard]] std::optional<Endpoint> peer_on(Instant now, std::uint16_t channel) const;

  void handle_outcome(Instant now, const ClientRequests::Succeeded& success);
  void handle_outcome(Instant now, const ClientRequests::Failed& failure);
  void handle_outcome(Instant now, const ClientRequests::Retried& retried);
  void succeed(Instant now, const Allocate& wish, const ClientRequests::Succeeded& success);
  void succeed(Instant now, const Refresh& wish, const ClientRequests::Succeeded& success);
  void succeed(Instant now, const CreatePermission& wish, const ClientRequests::Succeeded& success);
  void succeed(Instant now, const ChannelBind& wish, const ClientRequests::Succeeded& success);
  void succeed(Instant now, const Connect& wish, const ClientRequests::Succeeded& success);
  void succeed(Instant, const ConnectionBind&, const ClientRequests::Succeeded&) {}
  void fail(Instant now, const Connect& wish, const ClientRequests::Failed& failure);
  void fail(Instant, const ConnectionBind&, const ClientRequests::Failed&) {}
  void fail(Instant now, const Allocate& wish, const ClientRequests::Failed& failure);
  void fail(Instant now, const Refresh& wish, const ClientRequests::Failed& failure);
  void fail(Instant now, const CreatePermission& wish, const ClientRequests::Failed& failure);
  void fail(Instant now, const ChannelBind& wish, const ClientRequests::Failed& failure);

  // Starts anew at the server that the response names; false when that must not be.
  bool redirect(Instant now, const stun::Message& response);
  void forget_family(Family family);
  void notice_lost_link();
  void grant_permission(Instant now, const Ip& peer, Instant asked_at);
  // The allocation was not to be had, or is no more; `silence` says so where the server said
  // nothing.
  void lose(const ClientRequests::Failed& failure, std::string_view silence);
  void delete_allocation(Instant now);
  void finish();
  void end();

  void transmit_data(Instant now, const Endpoint& peer, ByteView bytes);
  void handle_connection_attempt(Instant now, const stun::Message& indication);
  void bind_connection(Instant now, const ClientConnections::Wanted& wanted);
  void handle_channel_data(Instant now, ByteView bytes);
  void handle_data_indication(Instant now, const stun::Message& indication);
  void deliver(Instant now, const Endpoint& peer, ByteView data, Proof proof);

  void transmit(Bytes message);
  void flush_link();
  void emit(Event event) { outbox_.emplace_back(std::move(event)); }
  template <class E>
  void announce(E event) {
    emit(event.describe());
    events_.emplace_back(std::move(event));
  }
  [[nodiscard]] bool is_closed() const { return state_ == State::Closing || state_ == State::Over; }
  [[nodiscard]] bool is_permitted(Instant now, const Ip& peer) const;
  [[nodiscard]] std::optional<std::uint32_t> asked_lifetime() const;
  [[nodiscard]] Allocate allocate_wish() const;
  // RFC 8656 §7.3: whether these are addresses of families that were asked for.
  [[nodiscard]] bool are_wanted(const std::vector<Endpoint>& relays) const;
  [[nodiscard]] std::string server_name() const;
  [[nodiscard]] ServerLink::Settings link_settings();
  [[nodiscard]] ClientRequests fresh_requests();

  Config config_;
  Rng* rng_;
  std::uint32_t next_request_ = 0;  // of OpenStream
  ServerLink link_;
  ClientRequests requests_;
  std::map<Endpoint, Instant> asked_servers_;  // RFC 8489 §10: not again within five minutes
  unsigned redirections_ = 0;
  State state_ = State::Idle;
  ClientConnections connections_;
  std::map<Endpoint, Instant> connecting_;  // RFC 6062 §4.3: until when no other Connect may leave
  std::vector<Endpoint> relays_;
  std::optional<Endpoint> mapped_;
  std::optional<Instant> refresh_at_;
  std::map<Ip, Permission> permissions_;
  std::map<Endpoint, Channel> channels_;
  std::map<std::uint16_t, Fading> fading_;
  ChannelNumbers channel_numbers_;
  std::deque<Output> outbox_;
  std::deque<ClientEvent> events_;
};

}  // namespace rtclab::turn
