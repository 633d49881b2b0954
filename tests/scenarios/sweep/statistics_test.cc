#include "scenarios/sweep/statistics.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::sweep {
namespace {

namespace tt = boost::test_tools;

BOOST_AUTO_TEST_SUITE(statistics)

// The figures of Newcombe, "Two-sided confidence intervals for the single proportion", 1998,
// table I, method 3.
BOOST_AUTO_TEST_CASE(wilsons_interval_is_that_of_the_literature) {
  BOOST_TEST(wilson(81, 263).low == 0.2553, tt::tolerance(0.001));
  BOOST_TEST(wilson(81, 263).high == 0.3662, tt::tolerance(0.001));
  BOOST_TEST(wilson(15, 148).low == 0.0624, tt::tolerance(0.001));
  BOOST_TEST(wilson(15, 148).high == 0.1605, tt::tolerance(0.001));
  BOOST_TEST(wilson(0, 20).high == 0.1611, tt::tolerance(0.001));
}

BOOST_AUTO_TEST_CASE(none_and_all_have_an_interval_that_ends_there) {
  BOOST_TEST(wilson(0, 20).low == 0);
  BOOST_TEST(wilson(20, 20).high == 1);
  BOOST_TEST(wilson(20, 20).low < 0.9);
  BOOST_TEST(wilson(0, 0).low == 0);
  BOOST_TEST(wilson(0, 0).high == 1);
}

BOOST_AUTO_TEST_CASE(a_quantile_lies_between_two_values_by_their_distance) {
  const std::vector<double> values{1, 2, 4, 8};
  BOOST_TEST(quantile(values, 0) == 1);
  BOOST_TEST(quantile(values, 0.5) == 3);
  BOOST_TEST(quantile(values, 1) == 8);
  BOOST_TEST(quantile({5}, 0.95) == 5);
  BOOST_TEST(mean(values) == 3.75);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sweep
