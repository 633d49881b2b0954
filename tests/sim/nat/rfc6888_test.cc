// RFC 6888 §3: what is asked of carriers' NATs, and blocks of ports as RFC 7422 describes them.
#include "tests/sim/nat/bench.h"
#include "topologies/nat_presets.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace rtclab::nat {
namespace {

namespace data = boost::unit_test::data;

// 100.64.0.0/10 inside, a pool of two outside.
topology::Nat a_cgn(
    topology::NatBehaviour behaviour = topology::find_nat_preset("cgn")->behaviour) {
  auto nat = a_nat();
  nat.name = "carrier";
  nat.inside = {"inside", {*Prefix::parse("100.64.0.1/10")}};
  nat.outside = {"outside", {*Prefix::parse("198.51.100.1/24"), *Prefix::parse("198.51.100.2/24")}};
  nat.behaviour = behaviour;
  return nat;
}

Endpoint customer(unsigned number, unsigned port) {
  return {Ip::v4(0x64400100u + number), Port{static_cast<std::uint16_t>(port)}};
}

std::size_t count(const Bench& bench, std::string_view event) {
  return static_cast<std::size_t>(std::ranges::count(bench.events, event, &Event::name));
}

std::string field(const Event& event, std::string_view key) {
  const auto* const value = event.find(key);
  return value == nullptr ? "" : std::get<std::string>(*value);
}

BOOST_AUTO_TEST_SUITE(rfc6888)

BOOST_AUTO_TEST_CASE(req_2_a_customer_keeps_its_address_and_customers_are_spread) {
  Bench bench{a_cgn()};
  std::map<Ip, int> customers;
  for (unsigned number = 0; number < 20; ++number) {
    const auto address = bench.mapped(customer(number, 5000), kServer).ip;
    ++customers[address];
    BOOST_TEST((bench.mapped(customer(number, 6000), kStranger).ip == address));
  }

  BOOST_REQUIRE(customers.size() == 2u);
  BOOST_TEST(customers.begin()->second == 10);
}

BOOST_AUTO_TEST_CASE(a_customer_whose_mappings_have_all_ended_may_get_another_address) {
  auto behaviour = topology::find_nat_preset("cgn")->behaviour;
  behaviour.port_reuse_after = Duration{0};
  Bench bench{a_cgn(behaviour)};
  const auto first = bench.mapped(customer(0, 5000), kServer).ip;
  bench.now = Instant{1min};
  BOOST_TEST((bench.mapped(customer(1, 5000), kServer).ip != first));
  bench.now = Instant{5min};
  bench.translator.handle_timeout(bench.now);
  BOOST_TEST((bench.mapped(customer(2, 5000), kServer).ip == first));
  BOOST_TEST((bench.mapped(customer(3, 5000), kServer).ip == first));

  BOOST_TEST((bench.mapped(customer(0, 5000), kServer).ip != first));
}

// RFC 7857 §4: the mappings of a host never are on two addresses.
BOOST_AUTO_TEST_CASE(a_customer_whose_address_has_no_port_left_gets_none) {
  auto behaviour = topology::find_nat_preset("cgn")->behaviour;
  behaviour.port_block.reset();
  behaviour.ports = {Port{2000}, Port{2003}};
  Bench bench{a_cgn(behaviour)};
  for (unsigned port = 5000; port < 5004; ++port) bench.mapped(customer(0, port), kServer);

  BOOST_TEST((bench.out(customer(0, 5004), kServer) == Outcome::Dropped));
  BOOST_TEST((bench.out(customer(1, 5000), kServer) == Outcome::ToOutside));
}

BOOST_AUTO_TEST_CASE(req_4_a_customer_has_a_limit_and_others_are_not_its_victims) {
  auto behaviour = topology::find_nat_preset("cgn")->behaviour;
  behaviour.mappings_per_host = 3;
  Bench bench{a_cgn(behaviour)};
  for (unsigned port = 5000; port < 5003; ++port) bench.mapped(customer(0, port), kServer);

  BOOST_TEST((bench.out(customer(0, 5003), kServer) == Outcome::Dropped));
  BOOST_TEST(bench.verdict.reason ==
             "dropped by carrier: 100.64.1.0 has as many mappings as a host may have, 3");
  BOOST_TEST((bench.out(customer(0, 5000), kStranger) == Outcome::ToOutside));
  BOOST_TEST((bench.out(customer(1, 5003), kServer) == Outcome::ToOutside));
  // It counts all protocols together.
  BOOST_TEST((bench.out(tcp(customer(0, 5000), kServer)) == Outcome::Dropped));
}

BOOST_AUTO_TEST_CASE(a_nat_has_a_limit_of_all_mappings_together) {
  auto behaviour = topology::find_nat_preset("cgn")->behaviour;
  behaviour.most_mappings = 3;
  Bench bench{a_cgn(behaviour)};
  for (unsigned number = 0; number < 3; ++number) bench.mapped(customer(number, 5000), kServer);

  BOOST_TEST((bench.out(customer(3, 5000), kServer) == Outcome::Dropped));
  BOOST_TEST(bench.verdict.reason ==
             "dropped by carrier: no mapping for 100.64.1.3:5000, the limit of 3 is reached");
  bench.now = Instant{5min};
  BOOST_TEST((bench.out(customer(3, 5000), kServer) == Outcome::ToOutside));
}

BOOST_AUTO_TEST_CASE(req_7_everybody_may_send_to_a_mapping) {
  Bench bench{a_cgn()};
  const auto outside = bench.mapped(customer(0, 5000), kServer);

  BOOST_TEST((bench.in(kStranger, outside) == Outcome::ToInside));
}

BOOST_AUTO_TEST_CASE(req_8_a_port_that_was_given_back_rests_for_two_minutes) {
  auto behaviour = topology::find_nat_preset("cgn")->behaviour;
  behaviour.port_block.reset();
  behaviour.ports = {Port{2000}, Port{2000}};
  auto nat = a_cgn(behaviour);
  nat.outside.addresses.pop_back();
  Bench bench{nat};
  bench.mapped(customer(0, 5000), kServer);

  bench.now = Instant{5min};
  BOOST_TEST((bench.out(customer(1, 5000), kServer) == Outcome::Dropped));
  bench.now = Instant{5min + 120s - 1ns};
  BOOST_TEST((bench.out(customer(1, 5000), kServer) == Outcome::Dropped));
  bench.now = Instant{5min + 120s};
  BOOST_TEST((bench.out(customer(1, 5000), kServer) == Outcome::ToOutside));
}

BOOST_AUTO_TEST_CASE(req_11_who_gets_no_mapping_is_told_softly_and_nobody_makes_room) {
  auto behaviour = topology::find_nat_preset("cgn")->behaviour;
  behaviour.most_mappings = 1;
  Bench bench{a_cgn(behaviour)};
  const auto outside = bench.mapped(customer(0, 5000), kServer);

  BOOST_TEST((bench.out(customer(1, 5000), kServer) == Outcome::Dropped));

  BOOST_REQUIRE(bench.verdict.error.has_value());
  BOOST_TEST(int{bench.verdict.error->type} == 3);
  BOOST_TEST(int{bench.verdict.error->code} == 1);
  BOOST_TEST((bench.in(kServer, outside) == Outcome::ToInside));
  BOOST_REQUIRE(count(bench, "nat:mapping_refused") == 1u);
  const auto refused = *std::ranges::find(bench.events, "nat:mapping_refused", &Event::name);
  BOOST_TEST(field(refused, "inside") == "100.64.1.1:5000");
  BOOST_TEST(field(refused, "reason") == "limit");
}

struct Answer {
  topology::Exhaustion exhaustion;
  bool passes;
  int code;  // of ICMP type 3; -1: none
};
std::ostream& operator<<(std::ostream& out, const Answer& row) {
  return out << to_string(row.exhaustion);
}
const std::vector<Answer> kAnswers{{topology::Exhaustion::Icmp, false, 13},
                                   {topology::Exhaustion::HostUnreachable, false, 1},
                                   {topology::Exhaustion::Silent, false, -1},
                                   {topology::Exhaustion::Evict, true, -1}};

// What is exhausted: the ports, a host's limit, the limit of all.
BOOST_DATA_TEST_CASE(what_happens_to_a_flow_that_has_no_room,
                     data::make(kAnswers) * data::xrange(3), row, limit) {
  topology::NatBehaviour behaviour;
  behaviour.exhaustion = row.exhaustion;
  if (limit == 0) behaviour.ports = {Port{2000}, Port{2001}};
  if (limit == 1) behaviour.mappings_per_host = 2;
  if (limit == 2) behaviour.most_mappings = 2;
  auto nat = a_cgn(behaviour);
  nat.outside.addresses.pop_back();
  Bench bench{nat};
  const auto first = bench.mapped(customer(0, 5000), kServer);
  bench.now = Instant{1s};
  const auto second = bench.mapped(customer(0, 5001), kServer);
  bench.now = Instant{2s};
  bench.mapped(customer(0, 5000), kServer);  // so that the second was silent for longer

  BOOST_TEST((bench.out(customer(0, 5002), kServer) == Outcome::ToOutside) == row.passes);

  BOOST_TEST(bench.verdict.error.has_value() == (row.code >= 0));
  if (row.code >= 0) BOOST_TEST(int{bench.verdict.error->code} == row.code);
  if (!row.passes) return;
  const auto evicted = *std::ranges::find(bench.events, "nat:mapping_expired", &Event::name);
  BOOST_TEST(field(evicted, "reason") == "evicted");
  BOOST_TEST(field(evicted, "outside") == second.to_string());
  BOOST_TEST((bench.in(kServer, first) == Outcome::ToInside));
}

BOOST_AUTO_TEST_CASE(a_hosts_limit_evicts_that_hosts_mappings_only) {
  topology::NatBehaviour behaviour;
  behaviour.exhaustion = topology::Exhaustion::Evict;
  behaviour.mappings_per_host = 1;
  Bench bench{a_cgn(behaviour)};
  const auto other = bench.mapped(customer(1, 5000), kServer);
  bench.now = Instant{1s};
  bench.mapped(customer(0, 5000), kServer);
  bench.mapped(customer(0, 5001), kServer);

  BOOST_TEST((bench.in(kServer, other) == Outcome::ToInside));
  BOOST_TEST(bench.translator.mappings() == 2u);
}

BOOST_AUTO_TEST_CASE(each_event_says_whom_an_outside_endpoint_belonged_to_and_until_when) {  // §4
  Bench bench{a_cgn()};
  const auto outside = bench.mapped(customer(0, 5000), kServer);
  bench.translator.handle_timeout(Instant{5min});

  BOOST_REQUIRE(bench.events.size() == 2u);
  for (const auto& event : bench.events) {
    BOOST_TEST(field(event, "protocol") == "udp");
    BOOST_TEST(field(event, "inside") == "100.64.1.0:5000");
    BOOST_TEST(field(event, "outside") == outside.to_string());
    BOOST_TEST(field(event, "destination") == kServer.to_string());
  }
  BOOST_TEST((bench.times[0] == Instant{0s} && bench.times[1] == Instant{5min}));
  BOOST_TEST(field(bench.events[1], "reason") == "lifetime");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(port_blocks)

topology::Nat in_blocks(std::uint16_t size, topology::PortAllocation allocation) {
  topology::NatBehaviour behaviour;
  behaviour.port_block = size;
  behaviour.port_allocation = allocation;
  behaviour.ports = {Port{1024}, Port{1024 + 99}};
  auto nat = a_cgn(behaviour);
  nat.outside.addresses.pop_back();
  return nat;
}

unsigned block_of(const Endpoint& outside, unsigned size) {
  return (outside.port.value() - 1024u) / size;
}

BOOST_DATA_TEST_CASE(a_customers_ports_are_in_blocks_that_nobody_else_is_in, data::xrange(4),
                     allocation) {
  Bench bench{in_blocks(10, topology::PortAllocation{allocation})};
  std::map<unsigned, std::set<unsigned>> customers_in;
  for (unsigned port = 0; port < 25; ++port) {
    for (unsigned number = 0; number < 3; ++number) {
      customers_in[block_of(bench.mapped(customer(number, 5000 + port), kServer), 10)].insert(
          number);
    }
  }

  BOOST_TEST(customers_in.size() == 9u);  // 25 ports are three blocks
  for (const auto& [block, customers] : customers_in) BOOST_TEST(customers.size() == 1u, block);
}

BOOST_AUTO_TEST_CASE(a_new_block_is_begun_when_the_last_one_is_full_and_not_before) {
  Bench bench{in_blocks(10, topology::PortAllocation::Sequential)};
  for (unsigned port = 0; port < 10; ++port) {
    BOOST_TEST(block_of(bench.mapped(customer(0, 5000 + port), kServer), 10) == 0u);
  }
  BOOST_TEST(block_of(bench.mapped(customer(1, 5000), kServer), 10) == 1u);

  BOOST_TEST(block_of(bench.mapped(customer(0, 6000), kServer), 10) == 2u);
}

BOOST_AUTO_TEST_CASE(udp_and_tcp_of_a_customer_use_the_same_block) {
  Bench bench{in_blocks(10, topology::PortAllocation::Random)};
  const auto udp = bench.mapped(customer(0, 5000), kServer);

  bench.out(tcp(customer(0, 5000), kServer));

  BOOST_TEST(block_of(bench.seen().source, 10) == block_of(udp, 10));
}

BOOST_AUTO_TEST_CASE(when_no_block_is_left_a_new_customer_gets_nothing_until_one_is_given_back) {
  Bench bench{in_blocks(50, topology::PortAllocation::Random)};
  bench.mapped(customer(0, 5000), kServer);
  bench.mapped(customer(1, 5000), kServer);

  BOOST_TEST((bench.out(customer(2, 5000), kServer) == Outcome::Dropped));
  bench.now = Instant{5min};
  BOOST_TEST((bench.out(customer(2, 5000), kServer) == Outcome::ToOutside));
}

BOOST_AUTO_TEST_CASE(a_block_is_kept_while_one_port_of_it_is_in_use) {
  Bench bench{in_blocks(50, topology::PortAllocation::Sequential)};
  bench.mapped(customer(0, 5000), kServer);
  bench.mapped(customer(1, 5000), kServer);
  bench.now = Instant{4min};
  bench.mapped(customer(0, 5001), kServer);

  bench.now = Instant{5min};  // customer 1 is gone, customer 0 has one port left
  BOOST_TEST(block_of(bench.mapped(customer(2, 5000), kServer), 50) == 1u);
  BOOST_TEST((bench.out(customer(3, 5000), kServer) == Outcome::Dropped));
}

BOOST_AUTO_TEST_CASE(what_does_not_fill_a_block_at_the_end_is_a_smaller_one) {
  auto nat = in_blocks(64, topology::PortAllocation::Sequential);
  Bench bench{nat};
  bench.mapped(customer(0, 5000), kServer);

  for (unsigned port = 0; port < 36; ++port) {
    BOOST_TEST(bench.mapped(customer(1, 5000 + port), kServer).port.value() == 1024 + 64 + port);
  }
  BOOST_TEST((bench.out(customer(1, 6000), kServer) == Outcome::Dropped));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
