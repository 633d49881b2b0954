#include "agents/mdns/rate_limit.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::mdns {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(mdns_rate_limit)

BOOST_AUTO_TEST_CASE(a_burst_passes_and_then_one_message_each_interval) {
  RateLimit limit;
  Instant now{5s};
  for (int i = 0; i < RateLimit::kBurst; ++i) BOOST_TEST(limit.take(now));

  BOOST_TEST(!limit.take(now));
  BOOST_TEST((limit.next() == now + RateLimit::kInterval));
  now = limit.next();
  BOOST_TEST(limit.take(now));
  BOOST_TEST(!limit.take(now));
}

BOOST_AUTO_TEST_CASE(a_long_silence_earns_no_more_than_a_burst) {
  RateLimit limit;
  const Instant now{3h};
  int taken = 0;
  while (limit.take(now)) ++taken;
  BOOST_TEST(taken == RateLimit::kBurst);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::mdns
