#include "agents/ice/priority.h"

#include <algorithm>
#include <cassert>

namespace rtclab::ice {

std::uint32_t type_preference(CandidateType type, Transport transport) {
  const bool is_tcp = transport == Transport::Tcp;
  switch (type) {
    case CandidateType::Host: return is_tcp ? 90 : 126;
    case CandidateType::PeerReflexive: return is_tcp ? 80 : 110;
    case CandidateType::ServerReflexive: return is_tcp ? 70 : 100;
    case CandidateType::Relayed: return 0;
  }
  __builtin_unreachable();
}

Priority candidate_priority(std::uint32_t type_preference, std::uint16_t local_preference,
                            unsigned component) {
  assert(component >= 1 && component <= 256);
  return Priority{type_preference << 24u | std::uint32_t{local_preference} << 8u |
                  (256u - component)};
}

PairPriority pair_priority(Priority controlling, Priority controlled) {
  const std::uint64_t g = controlling.value();
  const std::uint64_t d = controlled.value();
  // Added and not or-ed: twice the maximum can need 33 bits.
  return PairPriority{(std::min(g, d) << 32u) + 2 * std::max(g, d) + (g > d ? 1 : 0)};
}

}  // namespace rtclab::ice
