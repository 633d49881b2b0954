#include "scenarios/scenario.h"

#include <algorithm>

namespace rtclab::scenario {

const Peer* Scenario::find_peer(std::string_view peer) const {
  const auto found = std::ranges::find(peers, peer, &Peer::name);
  return found == peers.end() ? nullptr : &*found;
}

}  // namespace rtclab::scenario
