// Which candidates may be a pair at all.
//
// Spec: RFC 8445 §6.1.2.2 (family, link-local), RFC 6544 §6.2 (TCP: who connects to whom),
// draft-ietf-mmusic-mdns-ice-candidates §3.3.2 (names and relays).
#pragma once

#include "agents/ice/candidate.h"

#include <cstdint>
#include <string_view>

namespace rtclab::ice {

struct PairingDecision {
  // Awaited: the two belong together, but only the peer's connection makes the pair (RFC 6544 §6.2:
  // pairs with a passive local candidate are removed from the check list).
  enum class Kind : std::uint8_t { Pair, Awaited, Never };
  Kind kind;
  std::string_view reason;  // why not
};
[[nodiscard]] PairingDecision decide_pairing(const Candidate& local, const Candidate& remote);

}  // namespace rtclab::ice
