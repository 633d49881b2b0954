#include "agents/ice/stream.h"

#include <algorithm>

namespace rtclab::ice {

const Candidate* Generation::find_local(Transport transport, const Endpoint& address,
                                        const Endpoint& base) const {
  const auto has_address = [&](const Candidate& each) {
    return each.transport == transport && each.address == address;
  };
  // The same address can stand behind two bases (RFC 8445 §5.1.3); the one of this base is meant if
  // there is one.
  auto found = std::ranges::find_if(local_candidates, [&](const Candidate& each) {
    return has_address(each) && each.base == base;
  });
  if (found == local_candidates.end()) found = std::ranges::find_if(local_candidates, has_address);
  return found == local_candidates.end() ? nullptr : &*found;
}

const Candidate* Generation::find_base(Transport transport, const Endpoint& base) const {
  const auto found = std::ranges::find_if(local_candidates, [&](const Candidate& each) {
    return each.transport == transport && each.address == base && each.base == base;
  });
  return found == local_candidates.end() ? nullptr : &*found;
}

RemoteCandidate* Generation::find_remote(Transport transport, const Endpoint& address) {
  const auto found = std::ranges::find_if(remote_candidates, [&](const RemoteCandidate& each) {
    return each.candidate.transport == transport && each.candidate.address == address;
  });
  return found == remote_candidates.end() ? nullptr : &*found;
}

const CandidatePair* Generation::find_selected() const {
  const auto& pairs = check_list.pairs();
  const auto found = std::ranges::find(pairs, selected, &CandidatePair::id);
  return found == pairs.end() ? nullptr : &*found;
}

Generation* Stream::sender() {
  if (!current.concluded && previous && previous->selected) return &*previous;
  return current.selected ? &current : nullptr;
}

}  // namespace rtclab::ice
