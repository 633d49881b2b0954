#include "sim/link/jitter.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rtclab::sim {
namespace {

using topology::JitterDistribution;

constexpr double kParetoShape = 3;

// Box and Muller; the other half of the pair is not kept, so that each packet costs the same draws.
double draw_normal(SeededRng& rng) {
  const auto radius = std::sqrt(-2 * std::log(1 - rng.uniform()));
  return radius * std::cos(2 * std::numbers::pi * rng.uniform());
}

// The probability that a normal variable is smaller.
double share_below(double normal) {
  return 0.5 * std::erfc(-normal / std::numbers::sqrt2);
}

// What the normal variables need so that the ranks, and with them the uniform ones, have the
// correlation that is asked for: Spearman's is 6 / pi * asin(r / 2).
double correlation_of_normals(const topology::Jitter& jitter) {
  if (jitter.distribution == JitterDistribution::Normal) return jitter.correlation;
  return 2 * std::sin(std::numbers::pi * jitter.correlation / 6);
}

// In units of the spread, from a uniform variable in (0, 1).
double quantile(JitterDistribution distribution, double share) {
  // The largest share below 1: the tail has an end, so that no delay is infinite.
  const auto rest = std::max(1 - share, 0x1p-53);
  switch (distribution) {
    case JitterDistribution::Uniform: return 2 * share - 1;
    case JitterDistribution::Exponential: return -std::log(rest);
    case JitterDistribution::Pareto: {
      constexpr auto kScale = (kParetoShape - 1) / kParetoShape;  // for a mean of 1
      return kScale * std::pow(rest, -1 / kParetoShape);
    }
    case JitterDistribution::Normal: break;  // needs no share: it is the variable itself
  }
  __builtin_unreachable();
}

}  // namespace

Duration JitterSource::next(const topology::Jitter& jitter) {
  auto normal = draw_normal(rng_);
  if (const auto r = correlation_of_normals(jitter); r != 0 && has_last_) {
    normal = r * last_ + std::sqrt(std::max(0.0, 1 - r * r)) * normal;
  }
  last_ = normal;
  has_last_ = true;
  const auto units = jitter.distribution == JitterDistribution::Normal
                         ? normal
                         : quantile(jitter.distribution, share_below(normal));
  return Duration{std::llround(units * static_cast<double>(jitter.spread.count()))};
}

}  // namespace rtclab::sim
