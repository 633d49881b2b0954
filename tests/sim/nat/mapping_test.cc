#include "tests/sim/nat/bench.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace rtclab::nat {
namespace {

namespace data = boost::unit_test::data;

struct Outsiders {
  topology::Mapping mapping;
  bool same_for_other_port;
  bool same_for_other_address;
};
std::ostream& operator<<(std::ostream& out, const Outsiders& row) {
  return out << to_string(row.mapping);
}
const std::vector<Outsiders> kMappings{
    {topology::Mapping::EndpointIndependent, true, true},
    {topology::Mapping::AddressDependent, true, false},
    {topology::Mapping::AddressAndPortDependent, false, false},
};

BOOST_AUTO_TEST_SUITE(mapping)

BOOST_DATA_TEST_CASE(the_outside_port_depends_on_what_the_kind_says, data::make(kMappings), row) {
  auto nat = a_nat();
  nat.behaviour.mapping = row.mapping;
  Bench bench{nat};

  const auto first = bench.mapped(kAlice, kServer);

  BOOST_TEST((first.ip == ep("198.51.100.1:0").ip));
  BOOST_TEST((bench.mapped(kAlice, kServer) == first));
  BOOST_TEST((bench.mapped(kAlice, kServerOtherPort) == first) == row.same_for_other_port);
  BOOST_TEST((bench.mapped(kAlice, kStranger) == first) == row.same_for_other_address);
  BOOST_TEST((bench.mapped(kBob, kServer) != first));
}

BOOST_AUTO_TEST_CASE(an_answer_reaches_the_endpoint_that_asked) {
  Bench bench;
  const auto outside = bench.mapped(kAlice, kServer);

  BOOST_REQUIRE((bench.in(kServer, outside) == Outcome::ToInside));

  BOOST_TEST((bench.seen().source == kServer));
  BOOST_TEST((bench.seen().destination == kAlice));
}

BOOST_AUTO_TEST_CASE(udp_and_tcp_of_one_port_have_mappings_of_their_own) {
  Bench bench;
  const auto udp = bench.mapped(kAlice, kServer);

  BOOST_REQUIRE((bench.out(tcp(kAlice, kServer)) == Outcome::ToOutside));

  BOOST_TEST((bench.seen().source == udp));  // each protocol counts from 40000
  BOOST_TEST(bench.translator.mappings() == 2u);
  BOOST_REQUIRE((bench.in(tcp(kServer, udp)) == Outcome::ToInside));
  BOOST_TEST((bench.seen().destination == kAlice));
}

BOOST_AUTO_TEST_CASE(a_ping_is_mapped_by_its_identifier) {
  Bench bench;

  BOOST_REQUIRE((bench.out(echo(8, kAlice.ip, kServer.ip, 77)) == Outcome::ToOutside));
  BOOST_TEST(bench.seen().source.port.value() == 40000);
  BOOST_REQUIRE(
      (bench.in(echo(0, kServer.ip, ep("198.51.100.1:0").ip, 40000)) == Outcome::ToInside));

  BOOST_TEST((bench.seen().destination == Endpoint{kAlice.ip, Port{77}}));
}

BOOST_AUTO_TEST_CASE(a_packet_without_udp_checksum_keeps_none) {
  Bench bench;
  auto packet = ip::build_udp(kAlice, kServer, as_octets("x"), 1);
  packet[26] = packet[27] = std::byte{0};

  BOOST_TEST((bench.out(packet) == Outcome::ToOutside));

  BOOST_TEST((bench.packet[26] == std::byte{0} && bench.packet[27] == std::byte{0}));
}

BOOST_AUTO_TEST_CASE(the_checksum_is_right_for_every_port) {
  auto nat = a_nat();
  nat.behaviour.mapping = topology::Mapping::AddressAndPortDependent;
  nat.behaviour.ports = {Port{1}, Port{65535}};
  Bench bench{nat};

  for (unsigned port = 1; port <= 65535; port += 7) {
    bench.out(kAlice, {kServer.ip, Port{static_cast<std::uint16_t>(port)}});
    BOOST_REQUIRE(ip::parse_udp(*ip::Header::parse(bench.packet), bench.packet).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_mapping_is_reported_when_it_is_made) {
  Bench bench;

  bench.mapped(kAlice, kServer);
  bench.mapped(kAlice, kStranger);

  BOOST_REQUIRE(bench.events.size() == 1u);
  const Event expected{"nat:mapping_created",
                       {{"protocol", std::string{"udp"}},
                        {"inside", std::string{"192.168.1.10:5000"}},
                        {"outside", std::string{"198.51.100.1:40000"}},
                        {"destination", std::string{"203.0.113.1:3478"}}},
                       Rule{4787, "4.1"}};
  BOOST_TEST((bench.events[0] == expected));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
