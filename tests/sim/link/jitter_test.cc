#include "sim/link/jitter.h"

#include "tests/sim/link/statistics.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rtclab::sim {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;
using topology::JitterDistribution;

constexpr std::size_t kDraws = 100'000;
constexpr double kSpread = 10e6;  // 10 ms in nanoseconds

std::vector<double> draws(JitterDistribution distribution, double correlation,
                          std::uint64_t seed = 1) {
  JitterSource source{SeededRng{seed}};
  std::vector<double> values;
  for (std::size_t i = 0; i < kDraws; ++i) {
    const auto draw =
        source.next({.spread = 10ms, .distribution = distribution, .correlation = correlation});
    values.push_back(static_cast<double>(draw.count()) / kSpread);
  }
  return values;
}

// In units of the spread.
struct Distribution {
  JitterDistribution distribution;
  double mean;
  double deviation;
  double (*cdf)(double);
};
std::ostream& operator<<(std::ostream& out, const Distribution& row) {
  return out << topology::to_string(row.distribution);
}
const std::vector<Distribution> kDistributions{
    // Within ±1: the variance of a width of 2 is 2² / 12.
    {JitterDistribution::Uniform, 0, 1 / std::numbers::sqrt3,
     [](double x) { return std::clamp((x + 1) / 2, 0.0, 1.0); }},
    {JitterDistribution::Normal, 0, 1,
     [](double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }},
    {JitterDistribution::Exponential, 1, 1, [](double x) { return x < 0 ? 0 : 1 - std::exp(-x); }},
    // Shape 3, scale 2/3: mean 3/2 of the scale, variance 3/4 of its square.
    {JitterDistribution::Pareto, 1, 2.0 / 3 * std::sqrt(0.75),
     [](double x) { return x < 2.0 / 3 ? 0 : 1 - std::pow(2.0 / 3 / x, 3); }},
};
const std::vector<double> kCorrelations{0, 0.5, 0.9};

struct Spread {
  JitterDistribution distribution;
};
std::ostream& operator<<(std::ostream& out, const Spread& row) {
  return out << topology::to_string(row.distribution);
}
const std::vector<Spread> kShortTails{{JitterDistribution::Uniform}, {JitterDistribution::Normal}};
const std::vector<Spread> kLongTails{{JitterDistribution::Exponential},
                                     {JitterDistribution::Pareto}};

BOOST_AUTO_TEST_SUITE(jitter)

BOOST_DATA_TEST_CASE(draws_follow_their_distribution, data::make(kDistributions), row) {
  // 1.95 / sqrt(100000) = 0.0062: a thousandth of good sources would be farther off.
  BOOST_TEST(distance_from(draws(row.distribution, 0), row.cdf) < 0.0062);
}

// Neighbours that follow each other are worth fewer draws: (1 + r) / (1 - r) times as many are
// needed for the same exactness, 19 times at r = 0.9.
BOOST_DATA_TEST_CASE(the_mean_and_the_deviation_stay_whatever_the_correlation,
                     data::make(kDistributions) * data::make(kCorrelations), row, correlation) {
  const auto values = draws(row.distribution, correlation);

  const auto worth = kDraws * (1 - correlation) / (1 + correlation);
  BOOST_TEST(std::abs(mean_of(values) - row.mean) < 4 * row.deviation / std::sqrt(worth));
  // The deviation's own error depends on the fourth moment, which Pareto's shape of 3 has not: 5 %.
  BOOST_TEST(deviation_of(values) == row.deviation, boost::test_tools::tolerance(0.05));
}

BOOST_DATA_TEST_CASE(neighbours_correlate_as_they_are_told_to,
                     data::make(kShortTails) * data::make(kCorrelations), row, correlation) {
  const auto values = draws(row.distribution, correlation);

  // Four times 1 / sqrt(n).
  BOOST_TEST(std::abs(correlation_of_neighbours(values) - correlation) < 0.0127);
}

BOOST_DATA_TEST_CASE(with_long_tails_it_is_the_ranks_that_correlate,
                     data::make(kLongTails) * data::make(kCorrelations), row, correlation) {
  const auto ranks = ranks_of(draws(row.distribution, correlation));

  BOOST_TEST(std::abs(correlation_of_neighbours(ranks) - correlation) < 0.0127);
}

BOOST_AUTO_TEST_CASE(full_correlation_repeats_the_first_draw) {
  const auto values = draws(JitterDistribution::Normal, 1);

  BOOST_TEST(values.front() == values.back());
}

BOOST_AUTO_TEST_CASE(uniform_jitter_never_leaves_its_spread) {
  for (const auto value : draws(JitterDistribution::Uniform, 0.5)) {
    BOOST_REQUIRE(std::abs(value) <= 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
