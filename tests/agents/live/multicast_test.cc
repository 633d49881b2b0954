#include "tests/agents/live/puppet.h"

namespace rtclab::live {
namespace {

const Ip kGroup = *Ip::parse("224.0.0.251");
constexpr Port kPort{15353};  // not the port of mDNS: this machine may have a responder

BOOST_FIXTURE_TEST_SUITE(multicast, Stage)

BOOST_AUTO_TEST_CASE(both_members_share_the_port_and_the_other_hears_what_one_says) {
  const OpenSocket member{.request = 1, .local = {kLoopback, kPort}, .group = kGroup};
  const auto here = open(first, member);
  const auto there = open(second, member);
  BOOST_TEST((here == there));
  const auto outsider = open(first, {.request = 2, .local = {kLoopback, Port{0}}});

  ask(first, Transmit{{Transport::Udp, outsider, {kGroup, kPort}}, to_octets("who is there?")});
  run_until([&] { return !first.agent().heard.empty() && !second.agent().heard.empty(); });

  BOOST_TEST((second.agent().heard.front().path == Path{Transport::Udp, there, outsider}));
}

BOOST_AUTO_TEST_CASE(a_member_does_not_hear_itself) {
  const OpenSocket member{.request = 1, .local = {kLoopback, kPort}, .group = kGroup};
  const auto here = open(first, member);
  const auto outsider = open(second, {.request = 2, .local = {kLoopback, Port{0}}});

  ask(first, Transmit{{Transport::Udp, here, {kGroup, kPort}}, to_octets("mine")});
  ask(second, Transmit{{Transport::Udp, outsider, {kGroup, kPort}}, to_octets("yours")});
  run_until([&] { return !first.agent().heard.empty(); });

  BOOST_TEST(first.agent().heard.front().text == "yours");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::live
