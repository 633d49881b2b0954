// Which relay ports a TURN server may hand out, and which it keeps for somebody who comes back with
// a token.
//
// Spec: RFC 8656 §7.2: random, from the dynamic range, never two allocations on one address.
#pragma once

#include "agents/base/address.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/stun/attributes.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace rtclab::turn {

class RelayPorts {
 public:
  RelayPorts(Port first, Port last, Rng& rng) : first_{first}, last_{last}, rng_{&rng} {}

  enum class Want { Any, Even, EvenAndNext };
  // A free port of `ip`, which is taken from now on; with EvenAndNext the one above is reserved
  // too.
  struct Grant {
    Endpoint relayed;
    std::optional<stun::ReservationToken> token;
  };
  [[nodiscard]] std::optional<Grant> take(Instant now, const Ip& ip, Want want);
  // The port that the token stands for, once.
  [[nodiscard]] std::optional<Endpoint> redeem(Instant now, const stun::ReservationToken& token);
  void release(const Endpoint& relayed) { taken_.erase(relayed); }
  // The port turned out to be somebody else's: not offered again.
  void ban(const Endpoint& relayed) { banned_.insert(relayed); }

 private:
  static constexpr Duration kReservationLifetime =
      std::chrono::seconds{30};  // RFC 8656 §7.2: at least 30 s

  [[nodiscard]] bool is_free(Instant now, const Endpoint& endpoint) const;

  Port first_;
  Port last_;
  Rng* rng_;
  std::set<Endpoint> taken_;
  std::set<Endpoint> banned_;
  struct Reservation {
    Endpoint relayed;
    Instant expires;
  };
  std::map<std::array<std::byte, 8>, Reservation> reservations_;
};

}  // namespace rtclab::turn
