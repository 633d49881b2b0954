// Loss is measured as the arithmetic has it, and a link that loses otherwise is found out.
#include "scenarios/validate/loss.h"

#include "scenarios/validate/bench.h"
#include "scenarios/validate/sections.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::validate {
namespace {

namespace data = boost::unit_test::data;

const Check& row(const std::vector<Check>& checks, std::string_view begins) {
  const auto found = std::ranges::find_if(
      checks, [&](const Check& check) { return check.what.starts_with(begins); });
  BOOST_REQUIRE(found != checks.end());
  return *found;
}

topology::LinkQuality bursty(double good_to_bad, double bad_to_good) {
  auto quality = losing(0);
  quality.burst_loss = topology::BurstLoss{.good_to_bad = good_to_bad, .bad_to_good = bad_to_good};
  return quality;
}

BOOST_AUTO_TEST_SUITE(validation_of_loss)

BOOST_DATA_TEST_CASE(every_figure_lies_in_its_interval,
                     data::make({stun_loss, dtls_loss, burst_loss}), section) {
  const auto measured = section({.samples = 200});

  BOOST_TEST(measured.checks() > 7u);
  BOOST_TEST(measured.failures() == 0u);
}

BOOST_AUTO_TEST_CASE(stun_finds_a_link_that_loses_more_than_it_says) {
  const auto checks = stun_checks(0.20, losing(0.26), 1'500, 1);

  BOOST_TEST(!row(checks, "P(resend)").agrees);
  BOOST_TEST(!row(checks, "extra wait").agrees);
}

BOOST_AUTO_TEST_CASE(stun_finds_a_link_that_loses_nothing) {
  BOOST_TEST(!row(stun_checks(0.05, losing(0), 1'500, 1), "P(resend)").agrees);
}

BOOST_AUTO_TEST_CASE(dtls_finds_a_link_that_loses_more_than_it_says) {
  BOOST_TEST(!row(dtls_checks(0.10, losing(0.30), 100, 1), "P(no resend)").agrees);
}

BOOST_AUTO_TEST_CASE(bursts_of_another_length_are_found_though_the_mean_loss_is_the_same) {
  const topology::BurstLoss said{.good_to_bad = 0.05, .bad_to_good = 0.5};
  const auto checks = burst_checks(said, bursty(0.025, 0.25), 10'000, 1);

  BOOST_TEST(row(checks, "mean loss").agrees);
  BOOST_TEST(!row(checks, "mean burst").agrees);
}

BOOST_AUTO_TEST_CASE(losses_without_bursts_are_found) {
  const topology::BurstLoss said{.good_to_bad = 0.01, .bad_to_good = 0.25};
  BOOST_TEST(!row(burst_checks(said, losing(said.mean_loss()), 10'000, 1), "mean burst").agrees);
  BOOST_TEST(!row(burst_checks(said, losing(0), 1'000, 1), "mean burst").agrees);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::validate
