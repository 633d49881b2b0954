// What people do to NATs while a run goes on.
#include "sim/host/host.h"
#include "sim/world.h"
#include "tests/sim/towns.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::sim {
namespace {

using namespace std::chrono_literals;

Endpoint ep(std::string_view text) {
  return *Endpoint::parse(text);
}

const auto kAlice = ep("192.168.1.10:5000");
const auto kServer = ep("192.0.2.10:9");

// Alice sends to a socket on the machine of the STUN server, which sends back to whom it sees.
struct Towns {
  Towns() {
    BOOST_REQUIRE(world.host("alice").udp().bind(kAlice, [this](const Input& input) {
      if (std::holds_alternative<Received>(input)) ++answers;
    }));
    BOOST_REQUIRE(world.host("stun").udp().bind(kServer, [this](const Input& input) {
      if (const auto* received = std::get_if<Received>(&input)) seen = received->path.remote;
    }));
  }
  // The outside endpoint that the server sees; port 0 when nothing arrives.
  Endpoint ask() {
    seen = {};
    world.host("alice").udp().send({Transport::Udp, kAlice, kServer}, as_octets("ping"));
    wait();
    return seen;
  }
  // Whether a packet from the server to that endpoint arrives at Alice.
  bool answered(const Endpoint& outside) {
    const auto before = answers;
    world.host("stun").udp().send({Transport::Udp, kServer, outside}, as_octets("pong"));
    wait();
    return answers > before;
  }
  void wait() { world.run_until(world.now() + 100ms); }

  topology::Topology topology = a_home_and_an_office();
  std::vector<std::string> events;
  World world{topology, {.record = [this](Instant, std::string_view machine, const Event& event) {
                if (machine != "home" || event.name == "nat:declared") return;
                const auto* const reason = event.find("reason");
                events.push_back(std::string{event.name} +
                                 (reason ? " " + std::get<std::string>(*reason) : ""));
              }}};
  Endpoint seen;
  int answers = 0;
};

using Names = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(changes)

BOOST_FIXTURE_TEST_CASE(a_nat_that_restarts_forgets_and_says_so, Towns) {
  const auto outside = ask();
  BOOST_TEST(answered(outside));

  world.restart_nat("home");

  BOOST_TEST(!answered(outside));
  const Names expected{"nat:mapping_created", "nat:restarted", "nat:mapping_expired restart",
                       "nat:packet_filtered"};
  BOOST_TEST(events == expected, boost::test_tools::per_element());
  BOOST_TEST((ask() == outside));  // the port is kept and free again
  BOOST_TEST(answered(outside));
}

BOOST_FIXTURE_TEST_CASE(a_nat_with_another_address_is_reached_there_and_nowhere_else, Towns) {
  const auto before = ask();

  world.set_addresses("home", "outside", {*Prefix::parse("203.0.113.77/24")});

  BOOST_TEST(!answered(before));
  const auto after = ask();
  BOOST_TEST(after.to_string() == "203.0.113.77:5000");
  BOOST_TEST(answered(after));
  BOOST_TEST(!answered(before));
  const Names expected{"nat:mapping_created", "nat:addresses_changed",
                       "nat:mapping_expired address", "nat:mapping_created"};
  BOOST_TEST(events == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(an_address_more_ends_nothing, Towns) {
  const auto outside = ask();

  world.set_addresses("home", "outside",
                      {*Prefix::parse("203.0.113.77/24"), *Prefix::parse("203.0.113.1/24")});

  BOOST_TEST(answered(outside));
  BOOST_TEST((ask() == outside));
}

BOOST_FIXTURE_TEST_CASE(a_nat_that_turns_symmetric_keeps_a_mapping_for_its_first_destination,
                        Towns) {
  const auto outside = ask();
  auto symmetric = topology.nats[0].behaviour;
  symmetric.mapping = topology::Mapping::AddressAndPortDependent;

  world.set_nat("home", symmetric);

  BOOST_TEST((ask() == outside));
  const auto other = ep("192.0.2.10:10");
  BOOST_REQUIRE(world.host("stun").udp().bind(other, [this](const Input& input) {
    if (const auto* received = std::get_if<Received>(&input)) seen = received->path.remote;
  }));
  world.host("alice").udp().send({Transport::Udp, kAlice, other}, as_octets("ping"));
  wait();
  BOOST_TEST((seen != outside));
  const Names expected{"nat:mapping_created", "nat:behaviour_changed", "nat:mapping_created"};
  BOOST_TEST(events == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_nat_that_no_longer_has_the_port_ends_the_mapping, Towns) {
  const auto outside = ask();
  auto behaviour = topology.nats[0].behaviour;
  behaviour.ports = {Port{20000}, Port{29999}};

  world.set_nat("home", behaviour);

  BOOST_TEST(!answered(outside));
  BOOST_TEST(ask().port.value() == 20000);
  BOOST_TEST(events[2] == "nat:mapping_expired behaviour");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
