#include "agents/live/interfaces.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::live {
namespace {

const InterfaceAddress kWifi{"wlan0", *Ip::parse("192.0.2.7")};
const InterfaceAddress kCable{"eth0", *Ip::parse("198.51.100.7")};
const InterfaceAddress kCable6{"eth0", *Ip::parse("2001:db8::7")};

BOOST_AUTO_TEST_SUITE(interfaces)

BOOST_AUTO_TEST_CASE(loopback_is_there_when_asked_for) {
  const auto shown = interface_addresses(Loopback::Shown);
  const auto hidden = interface_addresses(Loopback::Hidden);

  const auto is_loopback = [](const InterfaceAddress& each) { return each.address.is_loopback(); };
  BOOST_TEST(std::ranges::any_of(shown, is_loopback));
  BOOST_TEST(std::ranges::none_of(hidden, is_loopback));
  BOOST_TEST(std::ranges::is_sorted(shown));
}

BOOST_AUTO_TEST_CASE(an_address_that_goes_is_told_before_one_that_comes) {
  const auto told = changes({kCable, kCable6}, {kCable6, kWifi});

  BOOST_REQUIRE(told.size() == 2u);
  BOOST_TEST((std::get<InterfaceDown>(told[0]).address == kCable.address));
  BOOST_TEST(std::get<InterfaceUp>(told[1]).name == "wlan0");
}

BOOST_AUTO_TEST_CASE(nothing_is_told_when_nothing_changed) {
  BOOST_TEST(changes({kCable, kWifi}, {kCable, kWifi}).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::live
