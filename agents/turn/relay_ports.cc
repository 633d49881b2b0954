#include "agents/turn/relay_ports.h"

#include <algorithm>

namespace rtclab::turn {

std::optional<RelayPorts::Grant> RelayPorts::take(Instant now, const Ip& ip, Want want) {
  std::erase_if(reservations_, [&](const auto& entry) { return now >= entry.second.expires; });
  const std::uint32_t count = last_.value() - first_.value() + 1u;
  // RFC 6056 §3.3.1: a random start, then the next one that is free.
  const auto start = static_cast<std::uint32_t>(rng_->below(count));
  for (std::uint32_t step = 0; step < count; ++step) {
    const auto number = first_.value() + (start + step) % count;
    if (want != Want::Any && number % 2 != 0) continue;
    const Endpoint relayed{ip, Port{static_cast<std::uint16_t>(number)}};
    if (!is_free(now, relayed)) continue;
    if (want != Want::EvenAndNext) {
      taken_.insert(relayed);
      return Grant{relayed, std::nullopt};
    }
    const Endpoint next{ip, Port{static_cast<std::uint16_t>(number + 1)}};
    if (number + 1 > last_.value() || !is_free(now, next)) continue;
    stun::ReservationToken token;
    rng_->fill(token.value);
    reservations_.insert_or_assign(token.value, Reservation{next, now + kReservationLifetime});
    taken_.insert(relayed);
    return Grant{relayed, token};
  }
  return std::nullopt;
}

std::optional<Endpoint> RelayPorts::redeem(Instant now, const stun::ReservationToken& token) {
  const auto reservation = reservations_.find(token.value);
  if (reservation == reservations_.end() || now >= reservation->second.expires) return std::nullopt;
  const auto relayed = reservation->second.relayed;
  reservations_.erase(reservation);
  taken_.insert(relayed);
  return relayed;
}

bool RelayPorts::is_free(Instant now, const Endpoint& endpoint) const {
  if (taken_.contains(endpoint) || banned_.contains(endpoint)) return false;
  return std::ranges::none_of(reservations_, [&](const auto& entry) {
    return entry.second.relayed == endpoint && now < entry.second.expires;
  });
}

}  // namespace rtclab::turn
