// The rows of spoilt_network_table.h, and the parameters of the scenarios that have some.
#include "tests/scenario/spoilt_network_table.h"
#include "tests/support/played.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <ostream>
#include <string>
#include <vector>

namespace rtclab::test {
namespace {

namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(spoilt_network)

BOOST_DATA_TEST_CASE(a_deviant_agent_does_not_get_what_the_scenario_expects,
                     data::make(network_spoilings()), spoiling) {
  check_spoilt(spoiling, load_library(spoiling.scenario));
}

struct Flight {
  const char* line;
  const char* number;
};
std::ostream& operator<<(std::ostream& out, const Flight& flight) {
  return out << flight.line << ", flight " << flight.number;
}
constexpr std::array kFlights{Flight{"home-b", "1"}, Flight{"home-a", "1"}, Flight{"home-b", "2"},
                              Flight{"home-a", "2"}};

BOOST_DATA_TEST_CASE(whichever_flight_of_dtls_is_lost_a_timer_repairs_it, data::make(kFlights),
                     flight) {
  const std::vector<scenario::Assignment> assignments{{"line", flight.line},
                                                      {"flight", flight.number}};
  const std::string root = RTCLAB_SOURCE_DIR;
  const auto loaded = scenario::load(root + "/scenarios/library/dtls-flight-lost.xml",
                                     root + "/topologies/library", assignments);
  BOOST_REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().to_string()));

  BOOST_TEST(unmet(*loaded) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
