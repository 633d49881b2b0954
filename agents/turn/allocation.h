// What a TURN server keeps for one client: the relayed addresses, who may send to them, and which
// channels are bound.
//
// Spec: RFC 8656 §6 (allocations, also dual ones), §9 (permissions), §12 (channels); RFC 6062 §5.1
// (TCP). Each entry ends exactly at its time: at that instant it no longer counts. Data, in either
// direction, prolongs nothing.
#pragma once

#include "agents/base/address.h"
#include "agents/base/event.h"
#include "agents/base/time.h"
#include "agents/stun/attributes.h"
#include "agents/stun/transaction_id.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::turn {

inline constexpr Duration kPermissionLifetime =
    std::chrono::seconds{300};  // RFC 8656 §9: MUST be 300 s
inline constexpr Duration kChannelLifetime = std::chrono::minutes{10};  // RFC 8656 §12

// A relayed transport address, and until when it is lent.
struct Relay {
  Endpoint address;
  Instant expires{};
};

class Allocation {
 public:
  struct Channel {
    Endpoint peer;
    Instant expires;
  };

  Path client;  // the 5-tuple: our address, the client's, and the transport
  Transport relays_over = Transport::Udp;         // TCP: RFC 6062
  std::vector<Relay> relays;                      // one, or one of each family; never none
  std::optional<stun::AddressErrorCode> refused;  // why a dual allocation has one only
  std::string username;
  stun::TransactionId
      transaction;  // of the Allocate that made it: a resend of that is answered alike
  std::optional<stun::ReservationToken> reservation;

  // nullptr when it has none of this family.
  [[nodiscard]] const Relay* relay(Family family) const;
  [[nodiscard]] Relay* relay(Family family);
  // When the last of its addresses ends.
  [[nodiscard]] Instant expires() const;
  // RFC 8656 §8.1: one family goes with its permissions and channels, the other is left alone.
  void remove_family(Family family);

  void install_permission(Instant now, const Ip& peer) {
    permissions_[peer] = now + kPermissionLifetime;
  }
  [[nodiscard]] bool permits(Instant now, const Ip& peer) const;
  [[nodiscard]] std::size_t permissions() const { return permissions_.size(); }

  // Whether `number` may be bound to `peer`: neither belongs to another binding (RFC 8656 §12.2).
  [[nodiscard]] bool can_bind(Instant now, std::uint16_t number, const Endpoint& peer) const;
  void bind(Instant now, std::uint16_t number, const Endpoint& peer);
  [[nodiscard]] std::optional<Endpoint> peer_of(Instant now, std::uint16_t number) const;
  [[nodiscard]] std::optional<std::uint16_t> channel_of(Instant now, const Endpoint& peer) const;

  // What ended by `now` is forgotten, and told.
  struct Ended {
    std::vector<Ip> permissions;
    std::vector<std::pair<std::uint16_t, Endpoint>> channels;
  };
  [[nodiscard]] Ended forget_ended(Instant now);
  // The start of an event about this allocation.
  [[nodiscard]] Event describe(std::string_view name, Rule rule) const;
  // The first instant at which something ends.
  [[nodiscard]] Instant next_end() const;

 private:
  std::map<Ip, Instant> permissions_;
  std::map<std::uint16_t, Channel> channels_;
};

}  // namespace rtclab::turn
