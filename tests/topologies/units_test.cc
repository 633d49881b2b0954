#include "topologies/units.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::units {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(units)

BOOST_AUTO_TEST_CASE(a_duration_is_read_to_the_nanosecond) {
  BOOST_TEST((parse_duration("20ms") == 20ms));
  BOOST_TEST((parse_duration("0s") == 0s));
  BOOST_TEST((parse_duration("1.5s") == 1500ms));
  BOOST_TEST((parse_duration("0.000000001s") == 1ns));
  BOOST_TEST((parse_duration("2min") == 120s));
  BOOST_TEST((parse_duration("1000h") == 1000h));
  BOOST_TEST((parse_duration("7us") == 7us));
  BOOST_TEST((parse_duration("1.5d") == 36h));
  BOOST_TEST(!parse_duration("42d").has_value());
}

BOOST_AUTO_TEST_CASE(a_duration_is_written_in_the_largest_unit_that_has_a_whole_number_of_it) {
  BOOST_TEST(format_duration(48h) == "2d");
  BOOST_TEST(format_duration(36h) == "36h");
  BOOST_TEST(format_duration(1500ms) == "1500ms");
  BOOST_TEST(format_duration(1ns) == "1ns");
  BOOST_TEST(format_duration(Duration{0}) == "0s");
}

BOOST_DATA_TEST_CASE(text_that_is_no_duration_is_refused,
                     data::make({"", "20", "ms", "-1ms", "+1ms", "20 ms", "20msec", "20MS", "1,5s",
                                 "1.s", ".5s", "1.2.3s", "1e3s", "0.1ns", "1001h",
                                 "99999999999999999999s", "inf s", "0x5s"}),
                     text) {
  BOOST_TEST(!parse_duration(text).has_value());
}

BOOST_AUTO_TEST_CASE(a_rate_counts_in_powers_of_ten) {
  BOOST_TEST(parse_rate("100Mbit/s").value() == 100'000'000u);
  BOOST_TEST(parse_rate("1.5Mbit/s").value() == 1'500'000u);
  BOOST_TEST(parse_rate("64kbit/s").value() == 64'000u);
  BOOST_TEST(parse_rate("1bit/s").value() == 1u);
  BOOST_TEST(parse_rate("1000Gbit/s").value() == 1'000'000'000'000u);
}

BOOST_DATA_TEST_CASE(text_that_is_no_rate_is_refused,
                     data::make({"", "100", "0Mbit/s", "0.0kbit/s", "100Mbit", "100mbit/s",
                                 "-1bit/s", "0.5bit/s", "1001Gbit/s", "100MB/s"}),
                     text) {
  BOOST_TEST(!parse_rate(text).has_value());
}

BOOST_AUTO_TEST_CASE(a_share_becomes_a_probability) {
  BOOST_TEST(parse_probability("0%").value() == 0.0);
  BOOST_TEST(parse_probability("10%").value() == 0.1);
  BOOST_TEST(parse_probability("0.5%").value() == 0.005);
  BOOST_TEST(parse_probability("100%").value() == 1.0);
}

BOOST_DATA_TEST_CASE(text_that_is_no_share_is_refused,
                     data::make({"", "10", "0.1", "101%", "100.1%", "-1%", "10 %", "ten%", "%",
                                 "1e1%"}),
                     text) {
  BOOST_TEST(!parse_probability(text).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::units
