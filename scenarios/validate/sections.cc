#include "scenarios/validate/sections.h"

#include <array>

namespace rtclab::validate {

std::span<const Entry> entries() {
  static constexpr std::array kEntries{
      Entry{"nat-table", "eleven kinds of access, each with each", nat_table},
      Entry{"nat-variants", "shared ports, drawn addresses, hairpinning", nat_variants},
      Entry{"stun-loss", "a STUN transaction under loss", stun_loss},
      Entry{"dtls-loss", "a DTLS handshake under loss", dtls_loss},
      Entry{"burst-loss", "losses in bursts", burst_loss},
      Entry{"timers", "every timer of ICE, TURN, NATs, DTLS and SCTP", timers},
      Entry{"set-up", "round trips of a call", set_up},
      Entry{"population", "shares of calls in mixes of NATs", population},
      Entry{"birthday", "guessing the ports of a symmetric NAT", birthday},
  };
  return kEntries;
}

}  // namespace rtclab::validate
