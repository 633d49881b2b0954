#include "tests/sim/nat/bench.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

namespace rtclab::nat {
namespace {

namespace data = boost::unit_test::data;

topology::Nat allocating(topology::PortAllocation kind) {
  auto nat = a_nat();
  nat.behaviour.port_allocation = kind;
  nat.behaviour.ports = {Port{1024}, Port{65535}};
  return nat;
}

// The outside port of an inside endpoint.
std::uint16_t port_of(Bench& bench, std::string_view inside) {
  return bench.mapped(ep(inside), kServer).port.value();
}

BOOST_AUTO_TEST_SUITE(port_allocation)

BOOST_AUTO_TEST_CASE(preserving_keeps_the_inside_port_and_gives_the_next_free_one_on_collision) {
  Bench bench{allocating(topology::PortAllocation::Preserving)};

  BOOST_TEST(port_of(bench, "192.168.1.10:5000") == 5000);
  BOOST_TEST(port_of(bench, "192.168.1.11:5000") == 5001);
  BOOST_TEST(port_of(bench, "192.168.1.12:5000") == 5002);
  BOOST_TEST(port_of(bench, "192.168.1.10:65535") == 65535);
  BOOST_TEST(port_of(bench, "192.168.1.11:65535") == 1024);
  BOOST_TEST(port_of(bench, "192.168.1.12:80") == 1025);  // 80 is not in the range
}

BOOST_AUTO_TEST_CASE(sequential_counts_up_whatever_the_inside_port) {
  Bench bench{allocating(topology::PortAllocation::Sequential)};

  BOOST_TEST(port_of(bench, "192.168.1.10:5000") == 1024);
  BOOST_TEST(port_of(bench, "192.168.1.11:9000") == 1025);
  BOOST_TEST(port_of(bench, "192.168.1.12:7000") == 1026);
}

BOOST_AUTO_TEST_CASE(random_draws_from_the_whole_range_by_the_seed) {
  const auto draw = [] {
    Bench bench{allocating(topology::PortAllocation::Random)};
    std::vector<std::uint16_t> ports;
    for (int host = 0; host < 200; ++host) {
      ports.push_back(port_of(bench, "192.168.1." + std::to_string(10 + host) + ":5000"));
    }
    return ports;
  };

  const auto ports = draw();

  BOOST_TEST(ports == draw(), boost::test_tools::per_element());
  BOOST_TEST((std::set<std::uint16_t>{ports.begin(), ports.end()}.size()) == 200u);
  BOOST_TEST(std::ranges::min(ports) < 3000);
  BOOST_TEST(std::ranges::max(ports) > 63000);
}

BOOST_DATA_TEST_CASE(when_no_port_is_left_the_packet_is_dropped_until_one_is_free, data::xrange(3),
                     kind) {
  auto nat = allocating(topology::PortAllocation{kind});
  nat.behaviour.ports = {Port{5000}, Port{5002}};
  Bench bench{nat};
  for (const auto* const inside : {"192.168.1.10:7000", "192.168.1.10:7001", "192.168.1.10:7002"}) {
    port_of(bench, inside);
  }
  const auto late = ep("192.168.1.10:8000");

  BOOST_TEST((bench.out(late, kServer) == Outcome::Dropped));
  BOOST_TEST(bench.verdict.reason ==
             "dropped by home-a: no outside port is left for 192.168.1.10:8000");
  bench.now = Instant{120s};
  BOOST_TEST((bench.out(late, kServer) == Outcome::ToOutside));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
