#include "tests/agents/live/puppet.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

namespace rtclab::live {
namespace {

OpenSocket udp_on(const Ip& ip) {
  return {.request = 1, .local = {ip, Port{0}}};
}

BOOST_FIXTURE_TEST_SUITE(udp, Stage)

BOOST_AUTO_TEST_CASE(a_datagram_arrives_whole_with_the_address_it_came_from) {
  const auto here = open(first, udp_on(kLoopback));
  const auto there = open(second, udp_on(kLoopback));

  ask(first, Transmit{{Transport::Udp, here, there}, to_octets("hello")});
  run_until([&] { return !second.agent().heard.empty(); });

  const auto& heard = second.agent().heard.front();
  BOOST_TEST(heard.text == "hello");
  BOOST_TEST((heard.path == Path{Transport::Udp, there, here}));
}

BOOST_AUTO_TEST_CASE(both_families_have_sockets) {
  const auto here = open(first, udp_on(kLoopback6));
  const auto there = open(second, udp_on(kLoopback6));

  ask(first, Transmit{{Transport::Udp, here, there}, to_octets("six")});
  run_until([&] { return !second.agent().heard.empty(); });

  BOOST_TEST(second.agent().heard.front().text == "six");
}

BOOST_AUTO_TEST_CASE(an_address_that_is_not_ours_has_no_socket) {
  ask(first, udp_on(*Ip::parse("192.0.2.1")));

  BOOST_TEST(first.agent().latest<SocketFailed>().request == 1u);
  BOOST_TEST(!first.agent().latest<SocketFailed>().why.empty());
}

BOOST_DATA_TEST_CASE(a_port_that_nobody_has_is_unreachable,
                     boost::unit_test::data::make({"127.0.0.1", "::1"}), address) {
  const auto ip = *Ip::parse(address);
  const auto here = open(first, udp_on(ip));
  const auto gone = open(second, udp_on(ip));
  ask(second, CloseSocket{Transport::Udp, gone});

  ask(first, Transmit{{Transport::Udp, here, gone}, to_octets("anybody?")});
  run_until([&] { return first.agent().count<Unreachable>() > 0; });

  BOOST_TEST((first.agent().latest<Unreachable>().path == Path{Transport::Udp, here, gone}));
}

BOOST_AUTO_TEST_CASE(a_socket_lives_on_after_an_unreachable_peer) {
  const auto here = open(first, udp_on(kLoopback));
  const auto gone = open(second, udp_on(kLoopback));
  ask(second, CloseSocket{Transport::Udp, gone});
  ask(first, Transmit{{Transport::Udp, here, gone}, to_octets("anybody?")});
  const auto there = open(second, udp_on(kLoopback));

  ask(first, Transmit{{Transport::Udp, here, there}, to_octets("somebody")});
  run_until([&] { return !second.agent().heard.empty(); });

  BOOST_TEST(second.agent().heard.front().text == "somebody");
}

BOOST_AUTO_TEST_CASE(a_closed_socket_frees_its_port) {
  const auto local = open(first, udp_on(kLoopback));
  ask(first, CloseSocket{Transport::Udp, local});

  const auto again = open(second, {.request = 2, .local = local});

  BOOST_TEST((again == local));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::live
