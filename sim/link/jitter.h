// Draws how much later (or earlier) than the link's delay each packet arrives.
//
// The distribution is exact whatever the correlation: a normal variable that follows the last one
// (an autoregressive process of first order) is mapped to the distribution by its quantile, which
// is known as a Gaussian copula. netem(8) mixes the last draw with a new one instead, and thereby
// narrows the distribution.
//
// `correlation` is Pearson's, of neighbours, for Uniform and Normal; of their ranks (Spearman's)
// for Exponential and Pareto, whose tails make Pearson's depend on the distribution.
#pragma once

#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "topologies/link_quality.h"

namespace rtclab::sim {

class JitterSource {
 public:
  explicit JitterSource(SeededRng rng) : rng_{rng} {}

  // What is added to the delay; negative with Uniform and Normal.
  [[nodiscard]] Duration next(const topology::Jitter& jitter);

 private:
  SeededRng rng_;
  double last_ = 0;  // the last normal variable
  bool has_last_ = false;
};

}  // namespace rtclab::sim
