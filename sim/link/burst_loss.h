// Losses in bursts: the chain of Gilbert and Elliott.
#pragma once

#include "agents/base/rng.h"
#include "topologies/link_quality.h"

namespace rtclab::sim {

class BurstLossChain {
 public:
  explicit BurstLossChain(SeededRng rng) : rng_{rng} {}

  // Begins in the good state. Two draws for each packet, whatever the state.
  [[nodiscard]] bool loses_next(const topology::BurstLoss& loss) {
    const auto change = rng_.uniform();
    const auto fate = rng_.uniform();
    bad_ = bad_ ? change >= loss.bad_to_good : change < loss.good_to_bad;
    return fate < (bad_ ? loss.loss_in_bad : loss.loss_in_good);
  }
  [[nodiscard]] bool is_bad() const { return bad_; }

 private:
  SeededRng rng_;
  bool bad_ = false;
};

}  // namespace rtclab::sim
