#include "scenarios/sweep/statistics.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace rtclab::sweep {

Interval wilson(std::size_t hits, std::size_t of) {
  if (of == 0) return {};
  constexpr double kZ = 1.959963984540054;  // 95 % of the normal distribution lie within ± this
  const auto n = static_cast<double>(of);
  const auto share = static_cast<double>(hits) / n;
  const auto scale = 1 + kZ * kZ / n;
  const auto middle = (share + kZ * kZ / (2 * n)) / scale;
  const auto half = kZ * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n)) / scale;
  return {hits == 0 ? 0 : middle - half, hits == of ? 1 : middle + half};
}

double quantile(const std::vector<double>& sorted, double p) {
  assert(!sorted.empty() && std::ranges::is_sorted(sorted));
  const auto place = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

double mean(const std::vector<double>& values) {
  assert(!values.empty());
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace rtclab::sweep
