// What a TURN server keeps for one client: the relayed address, who may send to it, and which
// channels are bound.
//
// Spec: RFC 8656 §6 (allocations), §9 (permissions), §12 (channels). Each entry ends exactly at its
// time: at that instant it no longer counts. Data, in either direction, prolongs nothing.
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

class Allocation {
 public:
  struct Channel {
    Endpoint peer;
    Instant expires;
  };

  Path client;  // the 5-tuple: our address, the client's, UDP
  Endpoint relayed;
  std::string username;
  stun::TransactionId
      transaction;  // of the Allocate that made it: a resend of that is answered alike
  std::optional<stun::ReservationToken> reservation;
  Instant expires{};

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
