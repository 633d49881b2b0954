// A TURN client: one allocation at one server, made from one local socket over UDP, kept alive
// until it is closed.
//
// Spec: RFC 8656 §7 to §12 (the client's half), RFC 8489 §9.2 (long-term credentials).
// The owner has the socket: it hands in what arrives from the server and sends what poll_output()
// yields. The client refreshes the allocation, the permissions and the channels by itself, and
// renews nonces that went stale.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/deviation.h"
#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace rtclab::turn {

struct Config {
  Endpoint server;
  Endpoint local;
  std::string username;
  std::string password;
  std::string software = "rtclab";  // empty: no SOFTWARE attribute
  Duration rto = std::chrono::milliseconds{
      500};  // where nothing is known about the server yet (RFC 8445 §14.3)
  std::optional<Duration> lifetime;  // asked for in LIFETIME; nullopt leaves it to the server
  Deviations deviations;
};

// --- what the owner acts on ---
struct Allocated {
  static constexpr std::string_view kName = "turn:allocated";
  Endpoint relayed;
  Endpoint mapped;
  Duration lifetime;
  [[nodiscard]] Event describe() const;
};
// The allocation could not be made, or was lost. `code` 0: no answer, or an answer that cannot be
// used. After 300 `alternate` names the server to try instead (RFC 8489 §10).
struct AllocationFailed {
  static constexpr std::string_view kName = "turn:allocation_failed";
  int code;
  std::string reason;
  std::optional<Endpoint> alternate;
  [[nodiscard]] Event describe() const;
};
// Once for each permission that is new, not for its renewals.
struct PermissionGranted {
  static constexpr std::string_view kName = "turn:permission_granted";
  Ip ip;
  [[nodiscard]] Event describe() const;
};
struct PermissionRefused {
  static constexpr std::string_view kName = "turn:permission_refused";
  Ip ip;
  int code;
  [[nodiscard]] Event describe() const;
};
struct ChannelBound {
  static constexpr std::string_view kName = "turn:channel_bound";
  Endpoint peer;
  std::uint16_t channel;
  [[nodiscard]] Event describe() const;
};
struct ChannelRefused {
  static constexpr std::string_view kName = "turn:channel_refused";
  Endpoint peer;
  int code;
  [[nodiscard]] Event describe() const;
};
// A peer's datagram, relayed to us. Not in the trace: the capture has it.
struct Data {
  Endpoint peer;
  Bytes bytes;
};
// The relay heard from the network that a datagram to this peer did not arrive (RFC 8656 §11.5).
struct PeerUnreachable {
  static constexpr std::string_view kName = "turn:peer_unreachable";
  Endpoint peer;
  std::uint8_t icmp_type;
  std::uint16_t icmp_code;
  [[nodiscard]] Event describe() const;
};
// The server confirmed the end of the allocation, or it never answered: the socket may go.
struct Closed {
  static constexpr std::string_view kName = "turn:closed";
  [[nodiscard]] Event describe() const;
};
using ClientEvent = std::variant<Allocated, AllocationFailed, PermissionGranted, PermissionRefused,
                                 ChannelBound, ChannelRefused, Data, PeerUnreachable, Closed>;

// Driven like every agent: after each call drain poll_output() and poll_event(), then arm
// next_wakeup().
class Client {
 public:
  Client(Config config, Rng& rng);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // Once, at the start.
  void allocate(Instant now);
  // Asks for a permission and renews it until close(). Idempotent. Before the allocation stands it
  // is remembered.
  void create_permission(Instant now, const Ip& peer);
  // Binds a channel, which carries a permission with it, and renews both. Idempotent.
  void bind_channel(Instant now, const Endpoint& peer);
  // Sends through the channel when one is bound, else in a Send indication. Where no permission
  // stands yet it is asked for, and the datagram waits for the grant: no Send may leave before (RFC
  // 8656 §11.1). A few datagrams wait for each peer; further ones, and those to a peer that is
  // refused, are lost as any datagram may be.
  void send(Instant now, const Endpoint& peer, ByteView bytes);
  // Deletes the allocation (RFC 8656 §8). Closed follows.
  void close(Instant now);

  // A datagram from the server's address. False: it is neither STUN nor ChannelData for this client
  // (an answer to a Binding request that the owner sent from the same socket, say), and the owner
  // may look at it.
  bool handle_datagram(Instant now, ByteView bytes);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Output>
  poll_output();  // Transmit (from config.local to config.server) or Event
  [[nodiscard]] std::optional<ClientEvent> poll_event();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;

  [[nodiscard]] const Config& config() const;
  [[nodiscard]] std::optional<Endpoint> relayed() const;
  [[nodiscard]] std::optional<Endpoint> mapped() const;
  [[nodiscard]] bool has_permission(const Ip& peer) const;
  [[nodiscard]] std::optional<std::uint16_t> channel(const Endpoint& peer) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rtclab::turn
