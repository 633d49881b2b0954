#include "tests/sim/nat/bench.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace rtclab::nat {
namespace {

namespace data = boost::unit_test::data;

struct Admission {
  topology::Filtering filtering;
  bool other_port;
  bool other_address;
};
std::ostream& operator<<(std::ostream& out, const Admission& row) {
  return out << to_string(row.filtering);
}
const std::vector<Admission> kFilterings{
    {topology::Filtering::EndpointIndependent, true, true},
    {topology::Filtering::AddressDependent, true, false},
    {topology::Filtering::AddressAndPortDependent, false, false},
};

BOOST_AUTO_TEST_SUITE(filtering)

BOOST_DATA_TEST_CASE(those_get_in_whom_the_kind_admits, data::make(kFilterings), row) {
  auto nat = a_nat();
  nat.behaviour.filtering = row.filtering;
  Bench bench{nat};
  const auto outside = bench.mapped(kAlice, kServer);

  BOOST_TEST((bench.in(kServer, outside) == Outcome::ToInside));
  BOOST_TEST((bench.in(kServerOtherPort, outside) == Outcome::ToInside) == row.other_port);
  BOOST_TEST((bench.in(kStranger, outside) == Outcome::ToInside) == row.other_address);
}

// This is why two ADM/ADF NATs need a relay.
BOOST_AUTO_TEST_CASE(what_one_mapping_admits_helps_no_other) {
  auto nat = a_nat();
  nat.behaviour.mapping = topology::Mapping::AddressDependent;
  nat.behaviour.filtering = topology::Filtering::AddressDependent;
  Bench bench{nat};
  const auto for_server = bench.mapped(kAlice, kServer);
  const auto for_stranger = bench.mapped(kAlice, kStranger);

  BOOST_TEST((bench.in(kStranger, for_stranger) == Outcome::ToInside));
  BOOST_TEST((bench.in(kStranger, for_server) == Outcome::Dropped));
}

BOOST_AUTO_TEST_CASE(a_drop_names_the_nat_the_rule_and_the_addresses) {
  Bench bench;
  const auto outside = bench.mapped(kAlice, kServer);

  bench.in(kStranger, outside);

  BOOST_TEST(bench.verdict.reason ==
             "dropped by home-a: filtering (APDF): the mapping 198.51.100.1:40000 of "
             "192.168.1.10:5000 does not admit 203.0.113.9:4000");
  BOOST_TEST(!bench.verdict.error.has_value());
  const Event expected{"nat:packet_filtered",
                       {{"protocol", std::string{"udp"}},
                        {"outside", std::string{"198.51.100.1:40000"}},
                        {"from", std::string{"203.0.113.9:4000"}},
                        {"rule", std::string{"APDF"}}},
                       Rule{4787, "5"}};
  BOOST_TEST((bench.events.back() == expected));
}

BOOST_AUTO_TEST_CASE(nobody_gets_in_where_no_mapping_is) {
  Bench bench;

  BOOST_TEST((bench.in(kServer, ep("198.51.100.1:40000")) == Outcome::Dropped));

  BOOST_TEST(bench.verdict.reason ==
             "dropped by home-a: no mapping: nobody inside is behind 198.51.100.1:40000 (udp)");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hairpinning)

topology::Nat hairpinning_nat(topology::Hairpinning kind) {
  auto nat = a_nat();
  nat.behaviour.hairpinning = kind;
  nat.behaviour.filtering = topology::Filtering::EndpointIndependent;
  return nat;
}

BOOST_AUTO_TEST_CASE(without_it_a_packet_to_the_own_outside_is_dropped) {
  Bench bench{hairpinning_nat(topology::Hairpinning::None)};
  const auto bob = bench.mapped(kBob, kServer);

  BOOST_TEST((bench.out(kAlice, bob) == Outcome::Dropped));

  BOOST_TEST(bench.verdict.reason ==
             "dropped by home-a: hairpinning is off: 192.168.1.10:5000 to 198.51.100.1:40000");
}

// RFC 4787 §12 (REQ-9a): the external source is what hosts expect.
BOOST_AUTO_TEST_CASE(with_external_source_the_receiver_sees_the_mapping_of_the_sender) {
  Bench bench{hairpinning_nat(topology::Hairpinning::ExternalSource)};
  const auto alice = bench.mapped(kAlice, kServer);
  const auto bob = bench.mapped(kBob, kServer);

  BOOST_REQUIRE((bench.out(kAlice, bob) == Outcome::ToInside));

  BOOST_TEST((bench.seen().source == alice));
  BOOST_TEST((bench.seen().destination == kBob));
}

BOOST_AUTO_TEST_CASE(with_internal_source_the_receiver_sees_the_sender_itself) {
  Bench bench{hairpinning_nat(topology::Hairpinning::InternalSource)};
  const auto bob = bench.mapped(kBob, kServer);

  BOOST_REQUIRE((bench.out(kAlice, bob) == Outcome::ToInside));

  BOOST_TEST((bench.seen().source == kAlice));
  BOOST_TEST((bench.seen().destination == kBob));
}

BOOST_AUTO_TEST_CASE(the_filter_stands_before_the_way_back_in_too) {
  auto nat = hairpinning_nat(topology::Hairpinning::ExternalSource);
  nat.behaviour.filtering = topology::Filtering::AddressAndPortDependent;
  Bench bench{nat};
  const auto alice = bench.mapped(kAlice, kServer);
  const auto bob = bench.mapped(kBob, kServer);

  BOOST_TEST((bench.out(kAlice, bob) == Outcome::Dropped));
  BOOST_TEST((bench.out(kBob, alice) == Outcome::ToInside));  // alice has sent to bob by now
  BOOST_TEST((bench.out(kAlice, bob) == Outcome::ToInside));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
