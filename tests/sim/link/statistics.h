// The few numbers that tests of random draws need.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace rtclab {

inline double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

inline double deviation_of(const std::vector<double>& values) {
  const auto mean = mean_of(values);
  double sum = 0;
  for (const auto value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

// Pearson's, of each value with the one before it.
inline double correlation_of_neighbours(const std::vector<double>& values) {
  const auto mean = mean_of(values);
  double with_next = 0;
  double with_itself = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    with_itself += (values[i] - mean) * (values[i] - mean);
    if (i + 1 < values.size()) with_next += (values[i] - mean) * (values[i + 1] - mean);
  }
  return with_next / with_itself;
}

// The place of each value among all, from 0.
inline std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t index) { return values[index]; });
  std::vector<double> ranks(values.size());
  for (std::size_t place = 0; place < order.size(); ++place) {
    ranks[order[place]] = static_cast<double>(place);
  }
  return ranks;
}

// Kolmogorov and Smirnov: the greatest distance between the values' distribution and `cdf`. Of n
// values that follow `cdf` it stays below 1.95 / sqrt(n) in 999 cases of 1000.
template <class Cdf>
double distance_from(std::vector<double> values, const Cdf& cdf) {
  std::ranges::sort(values);
  const auto n = static_cast<double>(values.size());
  double greatest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto expected = cdf(values[i]);
    greatest = std::max({greatest, expected - static_cast<double>(i) / n,
                         static_cast<double>(i + 1) / n - expected});
  }
  return greatest;
}

// Three standard deviations of how often something of probability p happens in n cases: a fixed
// seed keeps within or it does not.
inline double three_deviations(double n, double p) {
  return 3 * std::sqrt(n * p * (1 - p));
}

}  // namespace rtclab
