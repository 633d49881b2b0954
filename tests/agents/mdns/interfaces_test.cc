#include "agents/mdns/interfaces.h"

#include "tests/agents/mdns/link.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::mdns {
namespace {

namespace data = boost::unit_test::data;
using test::ip;

struct Pair {
  const char* source;
  const char* local;
  bool neighbours;
};
std::ostream& operator<<(std::ostream& out, const Pair& row) {
  return out << row.source << " and " << row.local;
}
const std::vector<Pair> kPairs{
    {"192.168.1.7", "192.168.1.1", true},    {"192.168.9.7", "192.168.1.1", true},
    {"10.200.0.1", "10.0.0.1", true},        {"172.16.0.1", "192.168.1.1", false},
    {"169.254.3.4", "192.168.1.1", true},    {"203.0.113.9", "192.168.1.1", false},
    {"203.0.7.9", "203.0.113.1", true},      {"203.1.113.9", "203.0.113.1", false},
    {"fe80::7", "2001:db8::1", true},        {"2001:db8::7", "2001:db8::1", true},
    {"2001:db8:1::7", "2001:db8::1", false}, {"fe80::7", "192.168.1.1", false},
};

BOOST_AUTO_TEST_SUITE(mdns_interfaces)

BOOST_DATA_TEST_CASE(a_source_is_a_neighbour_only_where_a_link_could_hold_both, data::make(kPairs),
                     row) {
  BOOST_TEST(may_be_on_link(ip(row.source), ip(row.local)) == row.neighbours);
}

BOOST_AUTO_TEST_CASE(one_socket_joins_for_each_interface_and_family) {
  Interfaces interfaces{100};
  interfaces.add("eth0", ip("192.168.1.1"));
  interfaces.add("eth0", ip("192.168.1.2"));
  interfaces.add("eth0", ip("fe80::1"));
  interfaces.add("wlan0", ip("10.0.0.1"));

  const auto asked = interfaces.open_missing();

  BOOST_REQUIRE(asked.size() == 3u);
  BOOST_TEST(asked[0].request == 100u);
  BOOST_TEST(asked[0].local.to_string() == "192.168.1.1:5353");
  BOOST_TEST(asked[0].group->to_string() == "224.0.0.251");
  BOOST_TEST(asked[1].group->to_string() == "ff02::fb");
  BOOST_TEST(asked[2].local.to_string() == "10.0.0.1:5353");
  BOOST_TEST(interfaces.open_missing().empty());
}

BOOST_AUTO_TEST_CASE(another_address_takes_over_when_the_one_with_the_socket_goes) {
  Interfaces interfaces{0};
  interfaces.add("eth0", ip("192.168.1.1"));
  interfaces.add("eth0", ip("192.168.1.2"));
  const auto asked = interfaces.open_missing();
  static_cast<void>(interfaces.handle_opened(asked.at(0).request));

  const auto closed = interfaces.remove(ip("192.168.1.1"));

  BOOST_TEST(closed->local.to_string() == "192.168.1.1:5353");
  BOOST_TEST(interfaces.sockets().empty());
  BOOST_TEST(interfaces.open_missing().at(0).local.to_string() == "192.168.1.2:5353");
}

BOOST_AUTO_TEST_CASE(an_address_where_the_socket_failed_is_not_tried_again) {
  Interfaces interfaces{0};
  interfaces.add("eth0", ip("192.168.1.1"));
  interfaces.handle_failed(interfaces.open_missing().at(0).request);

  BOOST_TEST(interfaces.open_missing().empty());
  BOOST_TEST(interfaces.sockets().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::mdns
