// Interfaces that come and go.
#include "sim/host/agent_host.h"
#include "tests/sim/host/host_pair.h"
#include "tests/sim/host/scripted_agent.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::sim {
namespace {

const auto kAlice = *Endpoint::parse("192.0.2.1:4000");
const auto kBob = *Endpoint::parse("192.0.2.2:5000");

struct Agents {
  static void act(AgentHost<Scripted>& host, Output output) {
    host.call([&](Instant, Scripted& agent) { agent.outputs.push_back(std::move(output)); });
  }
  HostPair pair{1, 0, 1500, Families::Both};
  Lines at_alice;
  Lines at_bob;
  AgentHost<Scripted> alice{pair.alice, {[](Instant, const Event&) {}}, at_alice};
  AgentHost<Scripted> bob{pair.bob, {[](Instant, const Event&) {}}, at_bob};
};

BOOST_AUTO_TEST_SUITE(interfaces)

BOOST_FIXTURE_TEST_CASE(an_agent_is_told_of_every_address_that_goes_and_comes, Agents) {
  pair.alice.set_up(pair.link.a(), false);
  pair.alice.set_up(pair.link.a(), false);
  pair.alice.set_up(pair.link.a(), true);

  BOOST_TEST(
      at_alice == (Lines{"up eth0 192.0.2.1", "up eth0 2001:db8::1", "down eth0 192.0.2.1",
                         "down eth0 2001:db8::1", "up eth0 192.0.2.1", "up eth0 2001:db8::1"}),
      boost::test_tools::per_element());
}

// Of two addresses one is another now: the agent hears of that one alone.
BOOST_FIXTURE_TEST_CASE(an_agent_is_told_of_the_addresses_that_change_and_of_no_others, Agents) {
  const auto before = pair.link.a().addresses();
  pair.link.a().set_addresses({*Prefix::parse("192.0.2.77/24"), before[1]});
  at_alice.clear();
  pair.alice.note_addresses_changed(pair.link.a(), before);

  BOOST_TEST(at_alice == (Lines{"down eth0 192.0.2.1", "up eth0 192.0.2.77"}));
  BOOST_TEST(pair.alice.address(Family::V4)->to_string() == "192.0.2.77");
}

BOOST_FIXTURE_TEST_CASE(a_socket_on_an_address_that_is_gone_hears_nothing_more, Agents) {
  act(alice, OpenSocket{1, Transport::Udp, kAlice});
  act(bob, OpenSocket{1, Transport::Udp, kBob});
  const auto before = pair.link.a().addresses();
  pair.link.a().set_addresses({*Prefix::parse("192.0.2.77/24"), before[1]});
  pair.alice.note_addresses_changed(pair.link.a(), before);
  act(bob, Transmit{{Transport::Udp, kBob, kAlice}, to_octets("are you there?")});
  pair.run_for(1s);

  BOOST_TEST(std::ranges::count(at_alice, "received are you there?") == 0);
}

// What programs use that do not choose, such as the client of the signalling.
BOOST_AUTO_TEST_CASE(the_interface_of_the_lowest_metric_that_is_up_is_used) {
  HostPair pair;
  Host phone{"phone", SeededRng{1}};
  phone.attach(pair.link.a(), 10);
  phone.attach(pair.link.b(), 5);

  BOOST_TEST(phone.address(Family::V4)->to_string() == "192.0.2.2");
  phone.set_up(pair.link.b(), false);
  BOOST_TEST(phone.address(Family::V4)->to_string() == "192.0.2.1");
}

BOOST_FIXTURE_TEST_CASE(a_machine_without_interfaces_has_no_address_to_open_at, Agents) {
  pair.alice.set_up(pair.link.a(), false);
  act(alice, OpenSocket{1, Transport::Udp, kAlice});
  act(alice, OpenStream{2, kAlice, kBob});

  BOOST_TEST(!pair.alice.address(Family::V4).has_value());
  BOOST_TEST(std::ranges::count(at_alice, "failed 1 alice has no address 192.0.2.1") == 1);
  BOOST_TEST(std::ranges::count(at_alice, "failed 2 alice has no address 192.0.2.1") == 1);
}

BOOST_FIXTURE_TEST_CASE(what_arrives_at_an_interface_that_is_down_is_dropped_and_says_so, Agents) {
  act(alice, OpenSocket{1, Transport::Udp, kAlice});
  act(bob, OpenSocket{1, Transport::Udp, kBob});
  const auto ask = [&](std::string_view text) {
    act(bob, Transmit{{Transport::Udp, kBob, kAlice}, to_octets(text)});
    pair.run_for(1s);
  };
  pair.alice.set_up(pair.link.a(), false);
  ask("lost");
  pair.alice.set_up(pair.link.a(), true);
  ask("heard");

  BOOST_TEST(std::ranges::count(at_alice, "received lost") == 0);
  BOOST_TEST(at_alice.back() == "received heard");
  BOOST_TEST(pair.capture().find("dropped by alice: eth0 is down") != std::string::npos);
}

// TCP goes on where it was: nothing tells it that the address was away.
BOOST_FIXTURE_TEST_CASE(a_stream_survives_a_short_absence, Agents) {
  act(bob, OpenSocket{1, Transport::Tcp, kBob});
  act(alice, OpenStream{1, {kAlice.ip, Port{0}}, kBob});
  pair.run_for(1s);
  pair.alice.set_up(pair.link.a(), false);
  act(bob, Transmit{bob.agent().streams.at(0), to_octets("patience")});
  pair.run_for(500ms);
  pair.alice.set_up(pair.link.a(), true);
  pair.run_for(10s);
  BOOST_TEST(at_alice.back() == "received patience");
}

BOOST_AUTO_TEST_CASE(an_agent_that_starts_without_an_interface_hears_of_none) {
  HostPair pair;
  Lines told;
  pair.alice.set_up(pair.link.a(), false);
  AgentHost<Scripted> host{pair.alice, {[](Instant, const Event&) {}}, told};
  BOOST_TEST(told.empty());
  pair.alice.set_up(pair.link.a(), true);
  BOOST_TEST(told == Lines{"up eth0 192.0.2.1"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
