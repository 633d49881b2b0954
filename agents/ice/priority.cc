#include "agents/ice/priority.h"

#include <algorithm>
#include <cassert>

namespace rtclab::ice {

std::uint32_t type_preference(CandidateType type) {
  switch (type) {
    case CandidateType::Host: return 126;
    case CandidateType::PeerReflexive: return 110;
    case CandidateType::ServerReflexive: return 100;
    case CandidateType::Relayed: return 0;
  }
  __builtin_unreachable();
}

Priority candidate_priority(CandidateType type, std::uint16_t local_preference,
                            unsigned component) {
  assert(component >= 1 && component <= 256);
  return Priority{type_preference(type) << 24u | std::uint32_t{local_preference} << 8u |
                  (256u - component)};
}

PairPriority pair_priority(Priority controlling, Priority controlled) {
  const std::uint64_t g = controlling.value();
  const std::uint64_t d = controlled.value();
  // Added and not or-ed: twice the maximum can need 33 bits.
  return PairPriority{(std::min(g, d) << 32u) + 2 * std::max(g, d) + (g > d ? 1 : 0)};
}

}  // namespace rtclab::ice
