// Priorities of candidates and of pairs.
//
// Spec: RFC 8445 §5.1.2 (candidates), §6.1.2.3 (pairs); RFC 8421 §4 (several interfaces, both
// families).
#pragma once

#include "agents/base/strong.h"

#include <cstdint>

namespace rtclab::ice {

enum class CandidateType : std::uint8_t { Host, ServerReflexive, PeerReflexive, Relayed };

// Who connects on a TCP candidate: this side, the peer, or both at once (RFC 6544 §3).
enum class TcpType : std::uint8_t { Active, Passive, So };

using Priority = Strong<struct PriorityTag, std::uint32_t>;
using PairPriority = Strong<struct PairPriorityTag, std::uint64_t>;

// RFC 8445 §5.1.2.2: the recommended 126, 110, 100, 0.
[[nodiscard]] std::uint32_t type_preference(CandidateType type);

// RFC 8445 §5.1.2.1. Precondition: 1 <= component <= 256.
[[nodiscard]] Priority candidate_priority(CandidateType type, std::uint16_t local_preference,
                                          unsigned component);

// RFC 8445 §6.1.2.3; `controlling` is the priority of the controlling agent's candidate.
[[nodiscard]] PairPriority pair_priority(Priority controlling, Priority controlled);

}  // namespace rtclab::ice
