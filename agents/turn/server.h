// A TURN server over UDP, TCP and TLS: it lends addresses to clients and relays between them and
// their peers, datagrams and TCP connections. It answers Binding too.
//
// Spec: RFC 8656 §5 to §12 (the server's half), RFC 6062 §5 (TCP allocations), RFC 8489 §6.2.2
// (streams), §9.2.4 (long-term credentials), §10 (redirection). It asks for its sockets when the
// machine announces its addresses, and for relay sockets with each allocation. Deviation from RFC
// 8656 §14: nothing is said to the network about DF, so DONT-FRAGMENT counts as unknown (§7.2, step
// 4).
#pragma once

#include "agents/base/address.h"
#include "agents/base/deviation.h"
#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/stun/long_term_server.h"
#include "agents/stun/message.h"
#include "agents/tls/identity.h"
#include "agents/turn/allocation.h"
#include "agents/turn/framed_stream.h"
#include "agents/turn/peer_connection.h"
#include "agents/turn/relay_ports.h"
#include "agents/turn/server_transport.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::turn {

class Server {
 public:
  struct Config {
    Port port{3478};  // of UDP and TCP
    std::string realm = "rtclab.example";
    std::vector<stun::User> users;
    std::string software = "rtclab";  // empty: no SOFTWARE attribute
    Duration default_lifetime = std::chrono::seconds{600};
    Duration maximum_lifetime = std::chrono::seconds{3600};
    Duration nonce_lifetime = std::chrono::hours{1};
    stun::SecurityFeatures features{.password_algorithms = true, .username_anonymity = false};
    Port first_relay_port{49152};
    Port last_relay_port{65535};
    std::optional<std::size_t> allocations_per_user;  // 486 beyond
    std::size_t permissions_per_allocation = 256;     // 508 beyond
    std::vector<Prefix> forbidden_peers = default_forbidden_peers();
    std::optional<Endpoint> alternate;  // 300: send everybody there
    std::string alternate_domain;       // the name that a TLS client shall hold it against
    Deviations deviations;
    std::vector<ServerTransport> transports{ServerTransport::Udp};  // what it listens on
    Port tls_port{5349};
    std::optional<tls::Identity> identity;  // needed for TLS
  };
  // Loopback, "this network", multicast, and the tunnels of RFC 8656 §21.4 (Teredo, 6to4).
  [[nodiscard]] static std::vector<Prefix> default_forbidden_peers();

  Server(Config config, Rng& rng);

  void handle_input(Instant now, const Input& input);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;

  [[nodiscard]] const std::map<Path, Allocation>& allocations() const { return allocations_; }

 private:
  // A request on its way through the checks.
  struct Request {
    Path path;
    stun::Message message;
    ByteView datagram;
    bool well_formed;
    stun::LongTermServer::Accepted who;  // empty key: not authenticated
  };
  // One relayed address of an Allocate under way.
  struct Wanted {
    Family family;
    Endpoint address;
    bool is_open = false;
    int refusal = 0;  // 440 or 508: it cannot be had
    unsigned attempts = 0;

    [[nodiscard]] bool is_settled() const { return is_open || refusal != 0; }
  };
  // An Allocate that waits for its sockets.
  struct Opening {
    Path path;
    stun::Message request;
    stun::LongTermServer::Accepted who;
    Transport relays_over = Transport::Udp;
    std::vector<Wanted> wanted;  // one; of a dual allocation two
    std::optional<stun::ReservationToken> token;
    RelayPorts::Want want;
    bool from_token = false;
  };
  // Which of whose wishes an OpenSocket is for.
  struct OpeningPart {
    Path path;
    std::size_t index;
    Endpoint address;
    Transport transport;
  };

  // server.cc: sockets, and what arrives
  void handle_received(Instant now, const Received& received);
  void handle_from_client(Instant now, const Received& received);
  void handle_interface_up(const Ip& address);
  void handle_interface_down(const Ip& address);
  [[nodiscard]] bool is_listening_at(Transport transport, const Endpoint& local) const;
  [[nodiscard]] bool listens_on(ServerTransport transport) const;

  // server_streams.cc
  void handle_stream_opened(Instant now, const StreamOpened& opened);
  void handle_stream_closed(Instant now, const StreamClosed& closed);
  void accept_client(Instant now, const Path& path);
  void handle_from_stream(Instant now, const Received& received);
  void follow_stream(Instant now, const Path& path);
  // What was over a stream of the client's that is gone.
  void forget_client_stream(const Path& path);
  void transmit(const Path& path, Bytes message);
  void flush(FramedStream& stream);

  // server_requests.cc
  void handle_request(Instant now, Request request);
  void handle_binding(const Request& request);
  // Whom the nonce of a request was given to, if anybody.
  [[nodiscard]] Endpoint challenged_client(const Request& request) const;
  void handle_refresh(Instant now, const Request& request, Allocation& allocation);
  void handle_create_permission(Instant now, const Request& request, Allocation& allocation);
  void handle_channel_bind(Instant now, const Request& request, Allocation& allocation);
  // 0 when data may go to `peer`, else 443 or 403.
  [[nodiscard]] int peer_refusal(const Allocation& allocation, const Ip& peer) const;
  void succeed(const Request& request, stun::Message response);
  void refuse(const Request& request, int code, Rule rule);
  void refuse(const Request& request, stun::Message response, Rule rule);
  void respond(const Path& path, const stun::Message& request,
               const stun::LongTermServer::Accepted& who, stun::Message response);
  // Without DONT-FRAGMENT among what it understands.
  [[nodiscard]] static std::vector<stun::AttributeType> unknown_required(
      const stun::Message& message);

  // server_allocate.cc
  void handle_allocate(Instant now, const Request& request);
  // 0 when the request may get an address, else the code that refuses it.
  [[nodiscard]] int allocate_refusal(const Request& request) const;
  [[nodiscard]] std::optional<stun::Message> redirection(const Request& request) const;
  [[nodiscard]] std::optional<Ip> relay_ip(const Path& path, Family family) const;
  [[nodiscard]] Duration granted_lifetime(const stun::Message& request) const;
  [[nodiscard]] stun::Message allocate_success(Instant now, const stun::Message& request,
                                               const Allocation& allocation) const;
  [[nodiscard]] Opening opening_for(const Request& request) const;
  // Takes a port for it and asks for the socket; or it is refused.
  void open_relay(Instant now, Opening& opening, std::size_t index);
  void handle_socket_opened(Instant now, std::uint32_t number);
  void handle_socket_failed(Instant now, std::uint32_t number);
  // Once every address that was wanted is there or refused.
  void conclude(Instant now, const Path& path);

  // server_connections.cc (RFC 6062)
  void handle_connect(Instant now, const Request& request, const Allocation& allocation);
  void handle_connection_bind(Instant now, const Request& request);
  void handle_connected(Instant now, std::uint32_t socket_request, const Path& path);
  void handle_connect_failed(std::uint32_t socket_request);
  void accept_peer(Instant now, const Path& path);
  void handle_from_peer_stream(const Received& received);
  // Whose data the client's stream carries; nullptr: it carries messages.
  [[nodiscard]] const PeerConnection* connection_of(const Path& data) const;
  void drop_connection(std::uint32_t id, std::string_view reason);
  void drop_connections_if(const std::function<bool(const PeerConnection&)>& condemned,
                           std::string_view reason);
  void expire_connections(Instant now);
  void refuse_connect(const PeerConnection& connection, int code);
  [[nodiscard]] std::uint32_t fresh_connection_id();

  // server_data.cc
  void handle_indication(Instant now, const Path& path, const stun::Message& message,
                         bool well_formed);
  void handle_channel_data(Instant now, const Received& received);
  void handle_from_peer(Instant now, const Received& received);
  void handle_unreachable(Instant now, const Path& path);
  void relay_to_peer(Instant now, const Allocation& allocation, const Endpoint& peer,
                     ByteView data);
  void relay_to_client(Instant now, const Allocation& allocation, const Endpoint& peer,
                       ByteView data);
  void indicate(const Allocation& allocation, stun::Message indication);
  void drop(std::string_view from, const Endpoint& endpoint, std::string_view reason, Rule rule);

  // server_expiry.cc: the end of things
  void expire(Instant now);
  void expire_entries(Instant now, Allocation& allocation);
  // Removes those relayed addresses of an allocation whose time has come, or all of it.
  void end_relays(Instant now, const Path& path, std::string_view reason);
  void remove(const Path& path, std::string_view reason);
  void close_relay(const Allocation& allocation, const Endpoint& address);

  void emit(Event event) { outbox_.emplace_back(std::move(event)); }

  Config config_;
  Rng* rng_;
  stun::LongTermServer credentials_;
  RelayPorts ports_;
  std::vector<Ip> addresses_;
  std::map<Path, Allocation> allocations_;               // by 5-tuple
  std::map<Endpoint, Path> relays_;                      // relayed address -> 5-tuple
  std::map<Path, FramedStream> streams_;                 // of clients
  std::map<Path, Opening> openings_;                     // by 5-tuple
  std::map<std::uint32_t, OpeningPart> opening_parts_;   // by number of the OpenSocket
  std::map<std::uint32_t, PeerConnection> connections_;  // by CONNECTION-ID
  std::uint32_t sockets_asked_for_ = 0;
  std::deque<Output> outbox_;
};

}  // namespace rtclab::turn
