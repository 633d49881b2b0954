#include "scenarios/validate/figures.h"

#include <boost/test/unit_test.hpp>

#include <cmath>

namespace rtclab::validate {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(validation_figures)

// Clopper and Pearson (1934), by the quantiles of the beta distribution: for no hits the upper
// bound is 1 - (α/2)^(1/n).
BOOST_AUTO_TEST_CASE(the_interval_of_no_hits_ends_where_the_closed_form_does) {
  const auto interval = clopper_pearson({0, 1000});

  BOOST_TEST(interval.low == 0);
  BOOST_TEST(interval.high == 1 - std::pow(0.00005, 1.0 / 1000),
             boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(the_interval_of_all_hits_is_that_of_none_turned_round) {
  const auto all = clopper_pearson({1000, 1000});

  BOOST_TEST(all.high == 1);
  BOOST_TEST(1 - all.low == clopper_pearson({0, 1000}).high, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(the_interval_of_many_draws_is_about_that_of_the_normal_distribution) {
  const auto interval = clopper_pearson({50'000, 100'000});

  BOOST_TEST(interval.low == 0.5 - kDeviations * 0.5 / std::sqrt(100'000.0),
             boost::test_tools::tolerance(1e-3));
}

BOOST_AUTO_TEST_CASE(a_share_agrees_inside_its_interval_and_differs_outside) {
  BOOST_TEST(check_share("heads", 0.5, {5'050, 10'000}).agrees);
  BOOST_TEST(!check_share("heads", 0.5, {5'300, 10'000}).agrees);
}

BOOST_AUTO_TEST_CASE(a_mean_agrees_within_its_deviations) {
  BOOST_TEST(check_mean("die", 3.5, 1.708, 3.55, 10'000, "").agrees);
  BOOST_TEST(!check_mean("die", 3.5, 1.708, 3.58, 10'000, "").agrees);
}

BOOST_AUTO_TEST_CASE(a_time_is_wrong_by_a_nanosecond) {
  BOOST_TEST(check_time("RTO", 500ms, 500ms).agrees);
  BOOST_TEST(!check_time("RTO", 500ms, 500ms + 1ns).agrees);
}

BOOST_AUTO_TEST_CASE(figures_are_written_as_people_write_them) {
  BOOST_TEST(number(0.134) == "0.134");
  BOOST_TEST(number(8.92e-6) == "8.92e-6");
  BOOST_TEST(number(1.2e-12) == "1.2e-12");
  BOOST_TEST(percent(0.3612) == "36.1 %");
  BOOST_TEST(percent(0.0199) == "1.99 %");
  BOOST_TEST(percent(8.92e-6) == "0.000892 %");
  BOOST_TEST(seconds(39500ms) == "39.5 s");
  BOOST_TEST(seconds(1s + 1ns) == "1.000000001 s");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::validate
