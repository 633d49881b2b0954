// What observations say, without a network.
#include "scenarios/selfcheck/observation.h"

#include <boost/test/unit_test.hpp>

#include <chrono>

namespace rtclab::selfcheck {
namespace {

using namespace std::chrono_literals;
using topology::PortAllocation;

PortsSeen ports(std::initializer_list<std::pair<int, int>> pairs) {
  PortsSeen seen;
  for (const auto& [inside, outside] : pairs) {
    seen.ports.push_back({Port{static_cast<std::uint16_t>(inside)},
                          {*Ip::parse("203.0.113.1"), Port{static_cast<std::uint16_t>(outside)}}});
  }
  return seen;
}

BOOST_AUTO_TEST_SUITE(selfcheck_observation)

BOOST_AUTO_TEST_CASE(a_search_closes_in_on_the_lifetime_from_both_sides) {
  const auto bounds = search_lifetime(1h, 1s, [](Duration time) { return time < Duration{300s}; });
  BOOST_TEST((bounds.at_least < Duration{300s}));
  BOOST_TEST((bounds.less_than.value() >= Duration{300s}));
  BOOST_TEST((*bounds.less_than - bounds.at_least <= Duration{1s}));
}

BOOST_AUTO_TEST_CASE(what_outlives_the_search_has_no_upper_bound) {
  BOOST_TEST(!search_lifetime(1h, 1s, [](Duration) { return true; }).less_than.has_value());
}

BOOST_AUTO_TEST_CASE(ports_that_are_all_kept_are_preserved) {
  const auto seen = ports({{2000, 2000}, {3001, 3001}, {4000, 4000}, {5001, 5001}});
  BOOST_TEST((judge_allocation(seen) == PortAllocation::Preserving));
}

BOOST_AUTO_TEST_CASE(a_kept_port_that_another_host_has_too_is_overloaded) {
  auto seen = ports({{2000, 2000}, {3001, 3001}, {4000, 4000}, {5001, 5001}});
  seen.same_port_of_another = Endpoint{*Ip::parse("203.0.113.1"), Port{2000}};
  BOOST_TEST((judge_allocation(seen) == PortAllocation::Overloading));
}

BOOST_AUTO_TEST_CASE(ports_that_count_up_are_sequential_also_around_the_end) {
  BOOST_TEST((judge_allocation(ports({{9, 65533}, {8, 65534}, {7, 65535}, {6, 1024}, {5, 1025}})) ==
              PortAllocation::Sequential));
}

BOOST_AUTO_TEST_CASE(ports_without_an_order_are_random) {
  BOOST_TEST((judge_allocation(ports({{9, 30000}, {8, 12345}, {7, 54321}, {6, 1024}})) ==
              PortAllocation::Random));
}

BOOST_AUTO_TEST_CASE(parity_counts_every_port) {
  BOOST_TEST(judge_parity(ports({{2, 30000}, {3, 30001}})).value());
  BOOST_TEST(!judge_parity(ports({{2, 30000}, {3, 30002}})).value());
}

BOOST_AUTO_TEST_CASE(one_outside_address_for_all_is_paired) {
  auto seen = ports({{2, 30000}, {3, 30001}});
  BOOST_TEST((judge_pooling(seen) == topology::Pooling::Paired));
  seen.ports.back().outside.ip = *Ip::parse("203.0.113.2");
  BOOST_TEST((judge_pooling(seen) == topology::Pooling::Arbitrary));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::selfcheck
