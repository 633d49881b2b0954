#include "agents/base/address.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab {
namespace {

namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(address)

// RFC 5952 §4: one text for each address.
BOOST_DATA_TEST_CASE(an_address_is_written_in_its_canonical_form,
                     data::make({"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1",
                                 "2001:db8::1", "2001:db8:0:1:1:1:1:1", "2001:db8::1:0:0:1",
                                 "fe80::1ff:fe23:4567:890a", "64:ff9b::c000:201"}),
                     text) {
  const auto ip = Ip::parse(text);

  BOOST_REQUIRE(ip.has_value());
  BOOST_TEST(ip->to_string() == text);
}

BOOST_DATA_TEST_CASE(text_that_is_no_address_is_refused,
                     data::make({"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.x", "1.2.3.+4",
                                 "1..2.3", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
                                 "1::2::3", "12345::", "g::1", "1:2:3:4:5:6:7:8::", "localhost"}),
                     text) {
  BOOST_TEST(!Ip::parse(text).has_value());
}

BOOST_AUTO_TEST_CASE(a_v4_address_may_end_a_v6_address) {
  BOOST_TEST(Ip::parse("64:ff9b::192.0.2.1")->to_string() == "64:ff9b::c000:201");
  BOOST_TEST((Ip::parse("::ffff:192.0.2.1") == Ip::parse("192.0.2.1")));
}

BOOST_DATA_TEST_CASE(an_endpoint_reads_what_it_writes,
                     data::make({"192.0.2.1:3478", "[2001:db8::1]:65535", "0.0.0.0:0"}), text) {
  const auto endpoint = Endpoint::parse(text);

  BOOST_REQUIRE(endpoint.has_value());
  BOOST_TEST(endpoint->to_string() == text);
}

BOOST_DATA_TEST_CASE(text_that_is_no_endpoint_is_refused,
                     data::make({"192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "[192.0.2.1]:1",
                                 "2001:db8::1:80:", ":80", "[::1]"}),
                     text) {
  BOOST_TEST(!Endpoint::parse(text).has_value());
}

BOOST_AUTO_TEST_CASE(a_prefix_contains_its_block_and_nothing_else) {
  const auto home = *Prefix::parse("192.168.1.10/24");

  BOOST_TEST(home.contains(*Ip::parse("192.168.1.255")));
  BOOST_TEST(!home.contains(*Ip::parse("192.168.2.1")));
  BOOST_TEST(!home.contains(*Ip::parse("::1")));
  BOOST_TEST(Prefix::parse("0.0.0.0/0")->contains(*Ip::parse("203.0.113.7")));
  BOOST_TEST(Prefix::parse("2001:db8::/33")->contains(*Ip::parse("2001:db8:7fff::1")));
  BOOST_TEST(!Prefix::parse("2001:db8::/33")->contains(*Ip::parse("2001:db8:8000::1")));
  BOOST_TEST(!Prefix::parse("192.168.1.0/33").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab
