// RFC 4787 §12, requirement by requirement, on the NAT that the preset of that name stands for.
#include "tests/sim/nat/bench.h"
#include "topologies/nat_presets.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

namespace rtclab::nat {
namespace {

namespace data = boost::unit_test::data;

topology::Nat a_good_nat() {
  auto nat = a_nat();
  nat.behaviour = topology::find_nat_preset("rfc4787")->behaviour;
  return nat;
}

Endpoint inside(unsigned host, unsigned port) {
  return {Ip::v4(0xc0a80100u + host), Port{static_cast<std::uint16_t>(port)}};
}

BOOST_AUTO_TEST_SUITE(rfc4787)

BOOST_AUTO_TEST_CASE(req_1_an_endpoint_shows_the_same_to_every_destination) {
  Bench bench{a_good_nat()};
  const auto outside = bench.mapped(kAlice, kServer);

  BOOST_TEST((bench.mapped(kAlice, kServerOtherPort) == outside));
  BOOST_TEST((bench.mapped(kAlice, kStranger) == outside));
}

BOOST_AUTO_TEST_CASE(req_2_a_paired_pool_gives_a_host_one_address_for_all) {
  auto nat = a_good_nat();
  nat.outside.addresses.push_back(*Prefix::parse("198.51.100.2/24"));
  nat.outside.addresses.push_back(*Prefix::parse("198.51.100.3/24"));
  Bench bench{nat};
  const auto of_alice = bench.mapped(kAlice, kServer).ip;
  const auto of_bob = bench.mapped(kBob, kServer).ip;

  for (unsigned port = 7000; port < 7020; ++port) {
    BOOST_TEST((bench.mapped({kAlice.ip, Port{static_cast<std::uint16_t>(port)}}, kServer).ip ==
                of_alice));
  }
  BOOST_TEST((of_bob != of_alice));  // hosts are spread over the pool
  bench.out(tcp(kAlice, kServer));
  BOOST_TEST((bench.seen().source.ip == of_alice));  // RFC 7857 §4: of every protocol
  bench.out(echo(8, kAlice.ip, kServer.ip, 1));
  BOOST_TEST((bench.seen().source.ip == of_alice));
}

BOOST_AUTO_TEST_CASE(req_2_an_arbitrary_pool_draws_an_address_for_each_mapping) {
  auto nat = a_good_nat();
  nat.behaviour.pooling = topology::Pooling::Arbitrary;
  for (const auto* const more : {"198.51.100.2/24", "198.51.100.3/24", "198.51.100.4/24"}) {
    nat.outside.addresses.push_back(*Prefix::parse(more));
  }
  Bench bench{nat};
  std::set<Ip> seen;
  for (unsigned port = 7000; port < 7040; ++port) {
    seen.insert(bench.mapped(inside(10, port), kServer).ip);
  }

  BOOST_TEST(seen.size() == 4u);
}

BOOST_AUTO_TEST_CASE(req_3_no_two_endpoints_share_an_outside_endpoint) {
  auto nat = a_good_nat();
  nat.behaviour.port_allocation = topology::PortAllocation::Preserving;
  Bench bench{nat};
  std::set<Endpoint> seen;
  for (unsigned host = 2; host < 252; ++host)
    seen.insert(bench.mapped(inside(host, 5000), kServer));

  BOOST_TEST(seen.size() == 250u);
}

struct Half {
  unsigned inside;
  bool well_known;
};
std::ostream& operator<<(std::ostream& out, const Half& half) {
  return out << half.inside;
}
const std::vector<Half> kHalves{{500, true}, {1023, true}, {1024, false}, {65535, false}};

BOOST_DATA_TEST_CASE(req_3a_a_port_stays_among_the_well_known_or_among_the_others,
                     data::make(kHalves) * data::xrange(4), half, allocation) {
  auto nat = a_good_nat();
  nat.behaviour.ports = {Port{1}, Port{65535}};
  nat.behaviour.port_allocation = topology::PortAllocation{allocation};
  Bench bench{nat};
  for (unsigned host = 2; host < 60; ++host) {
    const auto port = bench.mapped(inside(host, half.inside), kServer).port.value();
    BOOST_TEST((port < 1024) == half.well_known, port);
  }
}

BOOST_AUTO_TEST_CASE(req_3a_when_one_half_is_used_up_the_other_one_helps) {
  auto nat = a_good_nat();
  nat.behaviour.ports = {Port{1022}, Port{1027}};
  nat.behaviour.port_parity = false;
  Bench bench{nat};
  std::set<std::uint16_t> ports;
  for (unsigned host = 2; host < 8; ++host) {
    ports.insert(bench.mapped(inside(host, 80), kServer).port.value());
  }

  BOOST_TEST(ports.size() == 6u);
  BOOST_TEST((bench.out(inside(9, 80), kServer) == Outcome::Dropped));
}

BOOST_DATA_TEST_CASE(req_4_even_ports_stay_even_and_odd_ones_odd, data::xrange(4), allocation) {
  auto nat = a_good_nat();
  nat.behaviour.port_allocation = topology::PortAllocation{allocation};
  Bench bench{nat};
  for (unsigned port = 5000; port < 5040; ++port) {
    for (unsigned host = 2; host < 5; ++host) {
      const auto outside = bench.mapped(inside(host, port), kServer).port.value();
      BOOST_TEST((outside & 1u) == (port & 1u));
    }
  }
}

BOOST_AUTO_TEST_CASE(req_4_parity_is_over_when_a_half_is_over) {
  auto nat = a_good_nat();
  nat.behaviour.ports = {Port{40000}, Port{40003}};
  Bench bench{nat};
  bench.mapped(inside(2, 5000), kServer);
  bench.mapped(inside(3, 5000), kServer);

  BOOST_TEST((bench.out(inside(4, 5000), kServer) == Outcome::Dropped));
  BOOST_TEST((bench.out(inside(4, 5001), kServer) == Outcome::ToOutside));
}

BOOST_AUTO_TEST_CASE(an_odd_port_shows_next_to_the_even_one_below_it) {  // §4.2.3
  auto nat = a_good_nat();
  nat.behaviour.port_contiguity = true;
  Bench bench{nat};
  for (unsigned host = 2; host < 40; ++host) {
    const auto rtp = bench.mapped(inside(host, 6000), kServer);
    const auto rtcp = bench.mapped(inside(host, 6001), kServer);
    BOOST_TEST(rtcp.port.value() == rtp.port.value() + 1);
    BOOST_TEST((rtcp.ip == rtp.ip));
  }
}

BOOST_AUTO_TEST_CASE(a_neighbour_that_is_taken_gives_way) {  // §4.2.3
  auto nat = a_nat();                                        // counts up from 40000
  nat.behaviour.port_contiguity = true;
  Bench bench{nat};
  const auto rtp = bench.mapped(inside(2, 6000), kServer);
  bench.mapped(inside(3, 6000), kServer);

  BOOST_TEST(bench.mapped(inside(2, 6001), kServer).port.value() == rtp.port.value() + 2);
}

BOOST_AUTO_TEST_CASE(req_5_a_mapping_lives_for_five_minutes_without_a_packet) {
  Bench bench{a_good_nat()};
  const auto outside = bench.mapped(kAlice, kServer);

  bench.now = Instant{5min - 1ns};
  BOOST_TEST((bench.in(kServer, outside) == Outcome::ToInside));
  bench.now = Instant{5min};
  BOOST_TEST((bench.in(kServer, outside) == Outcome::Dropped));
}

BOOST_AUTO_TEST_CASE(req_6_what_goes_out_keeps_it_and_what_comes_in_does_not) {
  Bench bench{a_good_nat()};
  const auto outside = bench.mapped(kAlice, kServer);
  for (int minute = 4; minute <= 40; minute += 4) {
    bench.now = Instant{std::chrono::minutes{minute}};
    BOOST_TEST((bench.mapped(kAlice, kServer) == outside));
  }
  bench.now = Instant{44min};
  BOOST_TEST((bench.in(kServer, outside) == Outcome::ToInside));
  bench.now = Instant{45min};

  BOOST_TEST((bench.in(kServer, outside) == Outcome::Dropped));
}

BOOST_AUTO_TEST_CASE(req_8_everybody_may_answer) {
  Bench bench{a_good_nat()};
  const auto outside = bench.mapped(kAlice, kServer);

  BOOST_TEST((bench.in(kServerOtherPort, outside) == Outcome::ToInside));
  BOOST_TEST((bench.in(kStranger, outside) == Outcome::ToInside));
}

BOOST_AUTO_TEST_CASE(req_9_two_inside_hosts_meet_outside_and_see_outside_endpoints) {
  Bench bench{a_good_nat()};
  const auto alice = bench.mapped(kAlice, kServer);
  const auto bob = bench.mapped(kBob, kServer);

  BOOST_REQUIRE((bench.out(kAlice, bob) == Outcome::ToInside));
  BOOST_TEST((bench.seen().source == alice));
  BOOST_TEST((bench.seen().destination == kBob));
  BOOST_REQUIRE((bench.out(kBob, alice) == Outcome::ToInside));
  BOOST_TEST((bench.seen().source == bob));
  BOOST_TEST((bench.seen().destination == kAlice));
}

BOOST_AUTO_TEST_CASE(req_9_they_meet_on_any_address_of_a_pool) {
  auto nat = a_good_nat();
  nat.outside.addresses.push_back(*Prefix::parse("198.51.100.2/24"));
  Bench bench{nat};
  const auto alice = bench.mapped(kAlice, kServer);
  const auto bob = bench.mapped(kBob, kServer);
  BOOST_REQUIRE((alice.ip != bob.ip));

  BOOST_REQUIRE((bench.out(kAlice, bob) == Outcome::ToInside));

  BOOST_TEST((bench.seen().source == alice));
  BOOST_TEST((bench.seen().destination == kBob));
}

BOOST_AUTO_TEST_CASE(req_10_the_payload_stays_as_it_is) {
  Bench bench{a_good_nat()};
  const auto payload = as_octets("c=IN IP4 192.168.1.10, and 5000");

  bench.out(ip::build_udp(kAlice, kServer, payload, 1));

  const auto left = ip::parse_udp(*ip::Header::parse(bench.packet), bench.packet);
  BOOST_REQUIRE(left.has_value());
  BOOST_TEST(to_hex(left->payload) == to_hex(payload));
}

// The same answers before, under load, and when ports collide.
BOOST_AUTO_TEST_CASE(req_11_the_behaviour_is_the_same_under_all_conditions) {
  auto nat = a_good_nat();
  nat.behaviour.port_allocation = topology::PortAllocation::Preserving;
  Bench bench{nat};
  const auto looks_right = [&](const Endpoint& from) {
    const auto outside = bench.mapped(from, kServer);
    return bench.mapped(from, kStranger) == outside &&
           bench.in(kServerOtherPort, outside) == Outcome::ToInside;
  };

  BOOST_TEST(looks_right(inside(2, 5000)));
  for (unsigned host = 3; host < 250; ++host) BOOST_REQUIRE(looks_right(inside(host, 5000)));
  BOOST_TEST(looks_right(inside(2, 5000)));
}

struct Error {
  IcmpError error;
  std::string_view name;
};
std::ostream& operator<<(std::ostream& out, const Error& error) {
  return out << error.name;
}
const std::vector<Error> kErrors{{kNetUnreachable, "net unreachable"},
                                 {kHostUnreachable, "host unreachable"},
                                 {kPortUnreachable, "port unreachable"},
                                 {fragmentation_needed(1400), "fragmentation needed"},
                                 {kHopLimitExceeded, "time exceeded"}};

BOOST_DATA_TEST_CASE(req_12_no_icmp_message_ends_a_mapping, data::make(kErrors), row) {
  Bench bench{a_good_nat()};
  const auto outside = bench.mapped(kAlice, kServer);
  const auto error = *icmp_error(kRouter, bench.packet, row.error);

  // REQ-12 a: whoever sends it; b: destination unreachable among them.
  BOOST_TEST((bench.in(error) == Outcome::ToInside));

  BOOST_TEST((bench.in(kServer, outside) == Outcome::ToInside));
  BOOST_TEST((bench.mapped(kAlice, kServer) == outside));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
