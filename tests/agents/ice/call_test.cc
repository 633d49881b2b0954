// Two agents over a network: what they find, how fast, and over which pair.
#include "tests/agents/ice/call.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::ice {
namespace {

using namespace test;

BOOST_AUTO_TEST_SUITE(ice_call)

BOOST_AUTO_TEST_CASE(two_public_hosts_connect_on_host_candidates) {
  Call call;
  call.start();

  BOOST_REQUIRE(call.run_until_completed());

  const auto pair = call.a->agent.selected_pair(call.a->stream);
  BOOST_REQUIRE(pair.has_value());
  BOOST_TEST((pair->local.type == CandidateType::Host));
  BOOST_TEST(pair->nominated);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
