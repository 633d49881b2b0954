// What a TURN client tells its owner.
//
// Spec: RFC 8656 §7.3 and §7.4 (allocations), §10.3 (permissions), §12.3 (channels), §11.4 and
// §11.6 (data and ICMP); RFC 6062 §4.3 to §4.6 (connections).
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/event.h"
#include "agents/base/time.h"
#include "agents/stun/attributes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace rtclab::turn {

struct Allocated {
  static constexpr std::string_view kName = "turn:allocated";
  Endpoint relayed;
  Endpoint mapped;
  Duration lifetime;
  std::optional<Endpoint> additional;                 // the IPv6 one of a dual allocation
  std::optional<stun::AddressErrorCode> refused;      // which half of it was not to be had, and why
  std::optional<stun::ReservationToken> reservation;  // for the port above, for 30 s
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
// RFC 6062: a connection with a peer stands, asked for by connect() or by the peer.
struct PeerConnected {
  static constexpr std::string_view kName = "turn:peer_connected";
  std::uint32_t id;
  Endpoint peer;
  bool is_incoming;
  [[nodiscard]] Event describe() const;
};
// It was not to be had. `code` 0: what failed was the connection to the server.
struct PeerConnectionFailed {
  static constexpr std::string_view kName = "turn:peer_connection_failed";
  Endpoint peer;
  int code;
  std::string reason;
  [[nodiscard]] Event describe() const;
};
// Octets of a peer's connection. Not in the trace.
struct ConnectionData {
  std::uint32_t id;
  Bytes bytes;
};
struct PeerDisconnected {
  static constexpr std::string_view kName = "turn:peer_disconnected";
  std::uint32_t id;
  Endpoint peer;
  std::string reason;
  [[nodiscard]] Event describe() const;
};
// The server confirmed the end of the allocation, or it never answered: the socket may go.
struct Closed {
  static constexpr std::string_view kName = "turn:closed";
  [[nodiscard]] Event describe() const;
};
using ClientEvent = std::variant<Allocated, AllocationFailed, PermissionGranted, PermissionRefused,
                                 ChannelBound, ChannelRefused, Data, PeerUnreachable, PeerConnected,
                                 PeerConnectionFailed, ConnectionData, PeerDisconnected, Closed>;

}  // namespace rtclab::turn
