#include "sim/bridge/bridge.h"

#include "topologies/loader.h"

#include <boost/test/unit_test.hpp>
#include <unistd.h>

#include <filesystem>

namespace rtclab::bridge {
namespace {

using namespace std::chrono_literals;

topology::Topology two_homes() {
  const auto path = std::filesystem::path{RTCLAB_SOURCE_DIR} / "topologies/library/two-homes.xml";
  return topology::load(path).value();
}

// Containers often forbid namespaces; then the cases that need them are left out, and said to be.
boost::test_tools::assertion_result can_make_namespaces(boost::unit_test::test_unit_id /*unit*/) {
  const auto made = NetworkNamespace::make({});
  boost::test_tools::assertion_result result{made.has_value()};
  if (!made) result.message() << made.error();
  return result;
}

int run(const std::string& command, Duration at_most = 20s) {
  const auto topology = two_homes();
  auto spec = namespace_for(topology, *topology.find_host("alice-laptop"));
  spec.command = command;
  auto space = NetworkNamespace::make(spec);
  BOOST_REQUIRE(space.has_value());
  sim::World world{topology};
  Bridge bridge{world, {{"alice-laptop", &*space}}};
  space->start();
  bridge.run([&] { return space->ended().has_value(); }, at_most);
  return space->ended().value_or(-1);
}

BOOST_AUTO_TEST_SUITE(bridge)

BOOST_AUTO_TEST_CASE(programs_may_call_the_machines_by_their_names) {
  const auto topology = two_homes();
  const auto spec = namespace_for(topology, *topology.find_host("alice-laptop"));

  BOOST_TEST(spec.devices.size() == 1u);
  BOOST_TEST(spec.devices.at(0).name == "eth0");
  BOOST_TEST(spec.hosts_file.find("192.0.2.10 stun\n") != std::string::npos);
  BOOST_TEST(spec.hosts_file.find("203.0.113.10 home-a\n") != std::string::npos);
  BOOST_TEST(spec.hosts_file.find("192.168.1.1 ") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_device_needs_a_name_that_the_kernel_takes,
                     *boost::unit_test::precondition(can_make_namespaces)) {
  const auto made = NetworkNamespace::make({.devices = {{.name = "a-name-that-is-too-long"}}});

  BOOST_REQUIRE(!made.has_value());
  BOOST_TEST(made.error() ==
             "\"a-name-that-is-too-long\" is no name for a device, expected 1 to 15 characters");
}

BOOST_AUTO_TEST_CASE(a_setup_that_fails_says_what_it_said,
                     *boost::unit_test::precondition(can_make_namespaces)) {
  const auto made = NetworkNamespace::make({.setup = "echo 'no such thing' >&2; false"});

  BOOST_REQUIRE(!made.has_value());
  BOOST_TEST(made.error() == "the network of the namespace cannot be set up: no such thing");
}

BOOST_AUTO_TEST_CASE(the_bridge_ends_with_its_program,
                     *boost::unit_test::precondition(can_make_namespaces)) {
  BOOST_TEST(run("exit 7") == 7);
  BOOST_TEST(run("sleep 100", 200ms) == -1);
}

// bash opens TCP connections by itself: to the signalling server, through a NAT and the core.
BOOST_AUTO_TEST_CASE(a_real_kernel_connects_to_a_simulated_server_by_its_name,
                     *boost::unit_test::precondition(can_make_namespaces)) {
  BOOST_TEST(run("exec bash -c 'exec 3<>/dev/tcp/signalling/8080'") == 0);
  BOOST_TEST(run("exec bash -c 'exec 3<>/dev/tcp/signalling/8081' 2>/dev/null") != 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::bridge
