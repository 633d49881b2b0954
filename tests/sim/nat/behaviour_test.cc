#include "sim/nat/behaviour.h"

#include "tests/sim/nat/bench.h"
#include "topologies/nat_presets.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::nat {
namespace {

namespace data = boost::unit_test::data;

// RFC 5780's server: two addresses, two ports.
const auto kOtherAddress = ep("203.0.113.2:3478");
const auto kOtherBoth = ep("203.0.113.2:3479");

// What RFC 5780 §4.3 to §4.5 finds out through a NAT of that behaviour, each test from a port of
// its own.
Appearance probe(const topology::NatBehaviour& behaviour, int addresses) {
  auto nat = a_nat();
  nat.behaviour = behaviour;
  nat.outside.addresses.clear();
  for (int i = 1; i <= addresses; ++i) {
    nat.outside.addresses.push_back({Ip::v4(0xc6336400u + static_cast<std::uint32_t>(i)), 24});
  }
  Bench bench{nat};
  Appearance seen{Mapping::EndpointIndependent, Filtering::EndpointIndependent, false, false, {}};

  const auto first = bench.mapped(kAlice, kServer);
  const auto second = bench.mapped(kAlice, kOtherAddress);
  const auto third = bench.mapped(kAlice, kOtherBoth);
  if (first != second) {
    seen.mapping = second == third ? Mapping::AddressDependent : Mapping::AddressAndPortDependent;
  }

  const auto filter_port = ep("192.168.1.10:5100");
  const auto outside = bench.mapped(filter_port, kServer);
  if (bench.in(kOtherBoth, outside) != Outcome::ToInside) {
    seen.filtering = bench.in(kServerOtherPort, outside) == Outcome::ToInside
                         ? Filtering::AddressDependent
                         : Filtering::AddressAndPortDependent;
  }

  const auto hairpin_port = ep("192.168.1.10:5200");
  const auto own = bench.mapped(hairpin_port, kServer);
  seen.hairpins = bench.out(ep("192.168.1.10:5300"), own) == Outcome::ToInside;
  return seen;
}

std::string words(const Appearance& seen) {
  return std::string{to_string(seen.mapping)} + "/" + std::string{to_string(seen.filtering)} +
         (seen.hairpins ? ", hairpins" : "") + "; " + seen.reason;
}

BOOST_AUTO_TEST_SUITE(appearance)

// Mapping, filtering, allocation, pooling and hairpinning; with a pool large enough that no address
// is drawn twice by the seed of the bench.
BOOST_DATA_TEST_CASE(a_nat_looks_as_the_oracle_says_to_whoever_probes_it,
                     data::xrange(9) * data::xrange(4) * data::xrange(2) * data::xrange(3), kind,
                     allocation, pooling, hairpinning) {
  topology::NatBehaviour nat;
  nat.mapping = Mapping{kind / 3};
  nat.filtering = Filtering{kind % 3};
  nat.port_allocation = topology::PortAllocation{allocation};
  nat.pooling = topology::Pooling{pooling};
  nat.hairpinning = topology::Hairpinning{hairpinning};
  for (const auto addresses : {1, 250}) {
    const auto expected = appears(nat, static_cast<std::size_t>(addresses));
    const auto seen = probe(nat, addresses);
    BOOST_TEST((seen.mapping == expected.mapping), words(expected) << " but " << words(seen));
    BOOST_TEST((seen.filtering == expected.filtering), words(expected) << " but " << words(seen));
    BOOST_TEST(seen.hairpins == expected.hairpins, words(expected) << " but " << words(seen));
  }
}

BOOST_DATA_TEST_CASE(so_does_each_preset, data::xrange(topology::nat_presets().size()), number) {
  auto nat = topology::nat_presets()[number].behaviour;
  nat.policy = {};  // a probe that may not pass finds out nothing
  const auto expected = appears(nat);
  const auto seen = probe(nat, 1);

  BOOST_TEST((seen.mapping == expected.mapping), topology::nat_presets()[number].name);
  BOOST_TEST((seen.filtering == expected.filtering), topology::nat_presets()[number].name);
  BOOST_TEST(seen.hairpins == expected.hairpins, topology::nat_presets()[number].name);
}

// What coturn's client found out about the kernel's NAT.
BOOST_AUTO_TEST_CASE(linux_masquerade_looks_eim_and_apdf_and_says_why) {
  const auto seen = appears(topology::find_nat_preset("linux-masquerade")->behaviour);

  BOOST_TEST((seen.mapping == Mapping::EndpointIndependent));
  BOOST_TEST((seen.filtering == Filtering::AddressAndPortDependent));
  BOOST_TEST(!seen.hairpins);
  BOOST_TEST(seen.reason == "one host's mappings share a port, because their destinations differ");
  const auto random = appears(topology::find_nat_preset("linux-masquerade-random")->behaviour);
  BOOST_TEST((random.mapping == Mapping::AddressAndPortDependent));
  BOOST_TEST(random.reason.empty());
}

BOOST_AUTO_TEST_CASE(tcp_may_look_another_way) {
  topology::NatBehaviour nat;
  nat.tcp_mapping = Mapping::AddressAndPortDependent;
  nat.tcp_filtering = Filtering::EndpointIndependent;

  const auto seen = appears(nat, 1, Transport::Tcp);

  BOOST_TEST((seen.mapping == Mapping::AddressAndPortDependent));
  BOOST_TEST((seen.filtering == Filtering::EndpointIndependent));
  BOOST_TEST((appears(nat).mapping == Mapping::EndpointIndependent));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::nat
