#include "scenarios/sweep/combine.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

namespace rtclab::sweep {
namespace {

BOOST_AUTO_TEST_SUITE(combine)

BOOST_AUTO_TEST_CASE(the_last_axis_of_a_product_runs_fastest) {
  BOOST_TEST(
      (product({2, 3}) == std::vector<Tuple>{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}}));
}

BOOST_AUTO_TEST_CASE(no_axes_make_one_point) {
  BOOST_TEST((product({}) == std::vector<Tuple>{{}}));
  BOOST_TEST((zip({}) == std::vector<Tuple>{{}}));
  BOOST_TEST((pairs({}) == std::vector<Tuple>{{}}));
}

BOOST_AUTO_TEST_CASE(a_zip_takes_axes_side_by_side) {
  BOOST_TEST((zip({3, 3}) == std::vector<Tuple>{{0, 0}, {1, 1}, {2, 2}}));
}

const std::vector<std::vector<std::size_t>> kSizes{{2, 2, 2},    {3, 3, 3, 3},
                                                   {5, 4, 3, 2}, {1, 7, 1, 6},
                                                   {10, 10, 10}, {2, 2, 2, 2, 2, 2, 2, 2, 2, 2}};

BOOST_DATA_TEST_CASE(in_pairs_every_two_points_of_two_axes_meet,
                     boost::unit_test::data::xrange(kSizes.size()), index) {
  const auto& sizes = kSizes[index];
  const auto tuples = pairs(sizes);

  std::set<std::vector<std::size_t>> met;
  for (const auto& tuple : tuples) {
    for (std::size_t a = 0; a < sizes.size(); ++a) {
      for (std::size_t b = a + 1; b < sizes.size(); ++b) met.insert({a, tuple[a], b, tuple[b]});
    }
  }
  std::size_t all = 0;
  for (std::size_t a = 0; a < sizes.size(); ++a) {
    for (std::size_t b = a + 1; b < sizes.size(); ++b) all += sizes[a] * sizes[b];
  }
  BOOST_TEST(met.size() == all);
  BOOST_TEST(std::ranges::is_sorted(tuples));
}

// What it is for: of the product a small part.
BOOST_AUTO_TEST_CASE(pairs_are_few) {
  BOOST_TEST(pairs({10, 10, 10}).size() < 160u);                   // of 1000; 100 at least
  BOOST_TEST(pairs({2, 2, 2, 2, 2, 2, 2, 2, 2, 2}).size() < 13u);  // of 1024
}

BOOST_AUTO_TEST_CASE(a_sample_has_different_points_in_the_order_of_the_product) {
  const auto drawn = sample({10, 10, 10}, 50, 1);

  BOOST_TEST(drawn.size() == 50u);
  BOOST_TEST(std::ranges::is_sorted(drawn));
  BOOST_TEST((std::ranges::adjacent_find(drawn) == drawn.end()));
  BOOST_TEST((drawn == sample({10, 10, 10}, 50, 1)));
  BOOST_TEST((drawn != sample({10, 10, 10}, 50, 2)));
}

BOOST_AUTO_TEST_CASE(a_sample_of_more_than_there_is_is_all) {
  BOOST_TEST((sample({2, 3}, 7, 1) == product({2, 3})));
}

BOOST_AUTO_TEST_CASE(each_point_is_drawn_as_often_as_any_other) {
  std::vector<unsigned> drawn(10);
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    for (const auto& tuple : sample({10}, 3, seed)) ++drawn[tuple.front()];
  }
  // 600 each; a standard deviation is 20.
  for (const auto count : drawn) {
    BOOST_TEST(count > 500u);
    BOOST_TEST(count < 700u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sweep
