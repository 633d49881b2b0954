#include "scenarios/scenario.h"

#include <algorithm>

namespace rtclab::scenario {

const Peer* Scenario::find_peer(std::string_view peer) const {
  const auto found = std::ranges::find(peers, peer, &Peer::name);
  return found == peers.end() ? nullptr : &*found;
}

std::vector<StepIndex> Scenario::predecessors(StepIndex step) const {
  if (const auto& after = steps[step].after) return *after;
  return step == 0 ? std::vector<StepIndex>{} : std::vector<StepIndex>{step - 1};
}

}  // namespace rtclab::scenario
