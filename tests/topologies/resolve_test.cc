#include "topologies/resolve.h"

#include "topologies/loader.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::topology {
namespace {

Topology from_library(const std::string& name) {
  auto loaded = load(std::string{RTCLAB_SOURCE_DIR "/topologies/library/"} + name + ".xml");
  BOOST_REQUIRE_MESSAGE(loaded.has_value(), (loaded ? std::string{} : loaded.error().to_string()));
  return *std::move(loaded);
}

std::vector<std::string> resolved(const Topology& topology, std::string_view host,
                                  std::string_view machine) {
  std::vector<std::string> texts;
  for (const auto& ip : resolve(topology, Nets{topology}, host, machine)) {
    texts.push_back(ip.to_string());
  }
  return texts;
}

using Texts = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(resolving)

// RFC 6147 §5.1.7.
BOOST_AUTO_TEST_CASE(behind_a_dns64_a_server_of_ipv4_has_an_ipv6_address) {
  const auto topology = from_library("ipv6-only-nat64");
  BOOST_TEST(resolved(topology, "alice-phone", "stun") == Texts{"64:ff9b::c000:20a"},
             boost::test_tools::per_element());
  BOOST_TEST(resolved(topology, "bob-laptop", "stun") == Texts{"192.0.2.10"},
             boost::test_tools::per_element());
}

// RFC 6147 §5.1.1: what has an AAAA record keeps it.
BOOST_AUTO_TEST_CASE(a_server_that_has_ipv6_gets_no_other) {
  auto topology = from_library("ipv6-only-nat64");
  topology.stun_servers[0].interface.addresses.push_back(*Prefix::parse("2001:db8:5::10/64"));
  BOOST_TEST(resolved(topology, "alice-phone", "stun") == Texts{"2001:db8:5::10"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_dns64_the_name_leads_nowhere) {
  auto topology = from_library("ipv6-only-nat64");
  topology.nat64s[0].dns64 = false;
  BOOST_TEST(resolved(topology, "alice-phone", "stun").empty());
}

BOOST_AUTO_TEST_CASE(a_host_with_both_families_gets_both) {
  const auto topology = from_library("xlat464");
  BOOST_TEST(
      resolved(topology, "alice-phone", "turn") == (Texts{"192.0.2.70", "64:ff9b::c000:246"}),
      boost::test_tools::per_element());
}

// RFC 6052 §3.1.
BOOST_AUTO_TEST_CASE(no_private_address_stands_behind_the_well_known_prefix) {
  auto topology = from_library("ipv6-only-nat64");
  topology.stun_servers[0].interface.addresses = {*Prefix::parse("10.0.0.10/24")};
  BOOST_TEST(resolved(topology, "alice-phone", "stun").empty());
}

BOOST_AUTO_TEST_CASE(the_nat64_may_stand_behind_a_firewall) {
  auto topology = from_library("ipv6-only-nat64");
  topology.firewalls.push_back({.name = "gate",
                                .inside = {"inside", {*Prefix::parse("2001:db8:beef::1/64")}},
                                .outside = {"outside", {*Prefix::parse("2001:db8:cafe::2/64")}}});
  topology.hosts[0].interfaces[0].addresses = {*Prefix::parse("2001:db8:beef::10/64")};
  topology.links[0] = {{"alice-phone", "wwan0"}, {"gate", "inside"}};
  topology.links.push_back({{"gate", "outside"}, {"carrier", "inside"}});
  BOOST_TEST(resolved(topology, "alice-phone", "stun") == Texts{"64:ff9b::c000:20a"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::topology
