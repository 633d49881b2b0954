// What a NAT or a firewall decides about a packet, and what both refuse without looking further.
#pragma once

#include "agents/base/address.h"
#include "agents/base/ip_packet.h"
#include "sim/nat/icmp_error.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>

namespace rtclab::nat {

struct Verdict {
  enum class Outcome { ToOutside, ToInside, Dropped };
  Outcome outcome = Outcome::Dropped;
  std::string reason;              // of a drop: "dropped by home-a: filtering (APDF): …"
  std::optional<IcmpError> error;  // of a drop that its sender is told about
};

[[nodiscard]] inline bool is_blocked(std::span<const Transport> blocks, ip::Protocol protocol) {
  return std::ranges::any_of(blocks, [&](Transport transport) {
    return protocol == (transport == Transport::Udp ? ip::Protocol::Udp : ip::Protocol::Tcp);
  });
}

}  // namespace rtclab::nat
