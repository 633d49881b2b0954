// A TURN server over UDP: it lends addresses to clients and relays between them and their peers. It
// answers Binding too.
//
// Spec: RFC 8656 §5 to §12 (the server's half), RFC 8489 §9.2.4 (long-term credentials). One
// address per allocation; a request for a second family is granted in part (§7.2, step 9). It asks
// for its sockets when the machine announces its addresses, and for a relay socket with each
// allocation. Deviation from RFC 8656 §14: nothing is said to the network about DF, so
// DONT-FRAGMENT counts as unknown (§7.2, step 4).
#pragma once

#include "agents/base/address.h"
#include "agents/base/deviation.h"
#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/stun/long_term_server.h"
#include "agents/stun/message.h"
#include "agents/turn/allocation.h"
#include "agents/turn/relay_ports.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::turn {

class Server {
 public:
  struct Config {
    Port port{3478};
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
    Deviations deviations;
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
  // An Allocate that waits for its socket.
  struct Opening {
    Path path;
    stun::Message request;
    stun::LongTermServer::Accepted who;
    Endpoint relayed;
    std::optional<stun::ReservationToken> token;
    RelayPorts::Want want;
    bool from_token;
    unsigned attempts;
  };

  void handle_from_client(Instant now, const Received& received);
  void handle_from_peer(Instant now, const Received& received);
  void handle_unreachable(Instant now, const Path& path);
  void handle_socket_opened(Instant now, std::uint32_t number);
  void handle_socket_failed(Instant now, std::uint32_t number);
  void handle_interface_down(const Ip& address);

  void handle_request(Instant now, Request request);
  void handle_indication(Instant now, const Path& path, const stun::Message& message,
                         bool well_formed);
  void handle_channel_data(Instant now, const Received& received);
  void handle_binding(const Request& request);
  void handle_allocate(Instant now, const Request& request);
  void handle_refresh(Instant now, const Request& request, Allocation& allocation);
  void handle_create_permission(Instant now, const Request& request, Allocation& allocation);
  void handle_channel_bind(Instant now, const Request& request, Allocation& allocation);

  // 0 when the request may get an address, else the code that refuses it.
  [[nodiscard]] int allocate_refusal(const Request& request) const;
  // 0 when data may go to `peer`, else 443 or 403.
  [[nodiscard]] int peer_refusal(const Allocation& allocation, const Ip& peer) const;
  [[nodiscard]] std::optional<Ip> relay_ip(const Path& path, stun::FamilyCode family) const;
  [[nodiscard]] Duration granted_lifetime(const stun::Message& request) const;
  [[nodiscard]] stun::Message allocate_success(Instant now, const stun::Message& request,
                                               const Allocation& allocation) const;

  void open_relay(Opening opening);
  void remove(Allocation& allocation, std::string_view reason);
  void expire(Instant now);
  void relay_to_peer(Instant now, const Allocation& allocation, const Endpoint& peer,
                     ByteView data);
  void relay_to_client(Instant now, const Allocation& allocation, const Endpoint& peer,
                       ByteView data);

  void succeed(const Request& request, stun::Message response);
  void refuse(const Request& request, int code, Rule rule);
  void refuse(const Request& request, stun::Message response, Rule rule);
  void respond(const Path& path, const stun::Message& request,
               const stun::LongTermServer::Accepted& who, stun::Message response);
  void indicate(const Allocation& allocation, stun::Message indication);
  void drop(std::string_view from, const Endpoint& endpoint, std::string_view reason, Rule rule);
  void emit(Event event) { outbox_.emplace_back(std::move(event)); }
  // Without DONT-FRAGMENT among what it understands.
  [[nodiscard]] static std::vector<stun::AttributeType> unknown_required(
      const stun::Message& message);
  [[nodiscard]] bool is_listening_at(const Endpoint& local) const;

  Config config_;
  Rng* rng_;
  stun::LongTermServer credentials_;
  RelayPorts ports_;
  std::vector<Ip> addresses_;
  std::map<Path, Allocation> allocations_;     // by 5-tuple
  std::map<Endpoint, Path> relays_;            // relayed address -> 5-tuple
  std::map<std::uint32_t, Opening> openings_;  // by number of the OpenSocket
  std::uint32_t sockets_asked_for_ = 0;
  std::deque<Output> outbox_;
};

}  // namespace rtclab::turn
