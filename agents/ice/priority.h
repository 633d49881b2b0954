// Priorities of candidates and of pairs.
//
// Spec: RFC 8445 §5.1.2 (candidates), §6.1.2.3 (pairs); RFC 6544 §4.2 (TCP).
#pragma once

#include "agents/base/address.h"
#include "agents/base/strong.h"

#include <cstdint>

namespace rtclab::ice {

enum class CandidateType : std::uint8_t { Host, ServerReflexive, PeerReflexive, Relayed };

// Who connects on a TCP candidate: this side, the peer, or both at once (RFC 6544 §3).
enum class TcpType : std::uint8_t { Active, Passive, So };

using Priority = Strong<struct PriorityTag, std::uint32_t>;
using PairPriority = Strong<struct PairPriorityTag, std::uint64_t>;

// RFC 8445 §5.1.2.2: the recommended 126, 110, 100, 0. RFC 6544 §4.2 leaves to us how much less TCP
// is worth: any way over UDP is better than any over TCP, for a lost segment delays all behind it;
// any direct way is better than a relay.
[[nodiscard]] std::uint32_t type_preference(CandidateType type, Transport transport);

// RFC 8445 §5.1.2.1. Precondition: 1 <= component <= 256.
[[nodiscard]] Priority candidate_priority(std::uint32_t type_preference,
                                          std::uint16_t local_preference, unsigned component);

// RFC 8445 §6.1.2.3; `controlling` is the priority of the controlling agent's candidate.
[[nodiscard]] PairPriority pair_priority(Priority controlling, Priority controlled);

}  // namespace rtclab::ice
