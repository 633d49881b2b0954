#include "scenarios/sweep/number_range.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::sweep {
namespace {

using Texts = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(number_range)

BOOST_AUTO_TEST_CASE(a_range_has_both_of_its_ends_and_keeps_the_unit) {
  BOOST_TEST((even_range("0%", "10%", "2.5%").value() == Texts{"0%", "2.5%", "5%", "7.5%", "10%"}));
  BOOST_TEST((even_range("-1", "1", "1").value() == Texts{"-1", "0", "1"}));
}

// Ten times 0.1 is less than 1 in binary.
BOOST_AUTO_TEST_CASE(what_does_not_come_out_even_in_binary_loses_no_end) {
  const auto range = even_range("0s", "1s", "0.1s").value();
  BOOST_TEST(range.size() == 11u);
  BOOST_TEST(range.back() == "1s");
  BOOST_TEST(range[3] == "0.3s");
}

BOOST_AUTO_TEST_CASE(an_end_that_is_not_met_is_refused_and_what_comes_around_it_is_said) {
  BOOST_TEST(even_range("0%", "1%", "0.3%").error() == "1% is not met: after 0.9% comes 1.2%");
  BOOST_TEST(scaled_range("1ms", "100ms", "3").error() ==
             "100ms is not met: after 81ms comes 243ms");
}

BOOST_AUTO_TEST_CASE(a_factor_makes_a_logarithmic_range) {
  BOOST_TEST(
      (scaled_range("1ms", "1000ms", "10").value() == Texts{"1ms", "10ms", "100ms", "1000ms"}));
}

BOOST_AUTO_TEST_CASE(what_is_no_range_is_said) {
  BOOST_TEST(even_range("x", "1", "1").error() ==
             "from: expected a number and its unit, found \"x\"");
  BOOST_TEST(even_range("1s", "2ms", "1s").error() ==
             "expected one unit, found \"1s\" and \"2ms\"");
  BOOST_TEST(even_range("2s", "1s", "1s").error() == "1s is less than 2s");
  BOOST_TEST(even_range("1s", "2s", "0s").error() ==
             "step: expected a number above 0 with the unit of from, found \"0s\"");
  BOOST_TEST(even_range("1s", "2s", "1ms").error() ==
             "step: expected a number above 0 with the unit of from, found \"1ms\"");
  BOOST_TEST(scaled_range("1s", "2s", "1").error() ==
             "factor: expected a number above 1, found \"1\"");
  BOOST_TEST(scaled_range("0s", "2s", "2").error() ==
             "from: expected more than 0 where a factor is given");
  BOOST_TEST(even_range("0", "1000000", "1").error() == "more than 100000 values");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sweep
