// Where the probes stand.
#include "scenarios/selfcheck/bench.h"

#include "tests/scenarios/selfcheck/support.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::selfcheck {
namespace {

using topology::Link;

bool has_link(const topology::Topology& topology, std::string_view a, std::string_view b) {
  return std::ranges::any_of(topology.links, [&](const Link& link) {
    return (link.a.to_string() == a && link.b.to_string() == b) ||
           (link.a.to_string() == b && link.b.to_string() == a);
  });
}

BOOST_AUTO_TEST_SUITE(selfcheck_bench)

BOOST_AUTO_TEST_CASE(a_probe_stands_on_each_side_with_two_addresses_that_nobody_has) {
  const auto laboratory = equip(behind({}));

  BOOST_TEST_REQUIRE(laboratory.benches.size() == 1u);
  const auto& bench = laboratory.benches.front();
  BOOST_TEST(bench.gate == "home");
  BOOST_TEST(bench.inside[0].to_string() == "192.168.1.254");
  BOOST_TEST(bench.inside[1].to_string() == "192.168.1.253");
  BOOST_TEST(bench.outside[0].to_string() == "203.0.113.254");
  BOOST_TEST(laboratory.topology.find_host(bench.probe)->interfaces.front().addresses.size() == 2u);
  BOOST_TEST(laboratory.left_out.empty());
}

BOOST_AUTO_TEST_CASE(a_switch_comes_between_and_the_link_keeps_its_quality_beyond_it) {
  auto town = behind({});
  town.links[1].a_to_b.loss = 0.5;

  const auto equipped = equip(town).topology;

  BOOST_TEST(has_link(equipped, "probe-lan-home-outside", "core"));
  BOOST_TEST(has_link(equipped, "probe-lan-home-outside", "home.outside"));
  BOOST_TEST(has_link(equipped, "server-home.eth0", "probe-lan-home-outside"));
  BOOST_TEST(equipped.links[1].a_to_b.loss == 0.5);
  BOOST_TEST(std::ranges::count_if(equipped.links,
                                   [](const Link& link) { return link.a_to_b.loss > 0; }) == 1);
}

BOOST_AUTO_TEST_CASE(where_a_switch_is_there_is_no_second_one) {
  auto town = behind({});
  town.lans = {{.name = "lan"}};
  town.links[0] = {.a = {"alice", "eth0"}, .b = {"lan", ""}};
  town.links.push_back({.a = {"lan", ""}, .b = {"home", "inside"}});

  const auto laboratory = equip(town);

  BOOST_TEST(has_link(laboratory.topology, "probe-home.eth0", "lan"));
  BOOST_TEST(laboratory.topology.lans.size() == 2u);  // and the one outside
}

BOOST_AUTO_TEST_CASE(a_net_without_room_is_said_to_have_none) {
  auto town = behind({});
  town.nats.front().outside.addresses = {*Prefix::parse("203.0.113.1/30")};

  const auto laboratory = equip(town);

  BOOST_TEST(laboratory.benches.empty());
  BOOST_TEST_REQUIRE(laboratory.left_out.size() == 1u);
  BOOST_TEST(laboratory.left_out.front() ==
             "home: the net of its outside, 203.0.113.1/30, has no two addresses left for a probe");
}

BOOST_AUTO_TEST_CASE(names_and_addresses_that_are_taken_are_left_alone) {
  auto town = behind({});
  town.hosts.push_back(
      {.name = "probe-home", .interfaces = {an_interface("eth0", {"192.168.1.254/24"})}});

  const auto laboratory = equip(town);

  BOOST_TEST(laboratory.benches.front().probe == "probe-home-");
  BOOST_TEST(laboratory.benches.front().inside[0].to_string() == "192.168.1.253");
}

BOOST_AUTO_TEST_CASE(ipv6_through_a_nat_has_a_bench_of_its_own) {
  auto town = behind({});
  town.nats.front().inside.addresses.push_back(*Prefix::parse("2001:db8:a::1/64"));
  town.nats.front().outside.addresses.push_back(*Prefix::parse("2001:db8:f::1/64"));

  const auto laboratory = equip(town);

  BOOST_TEST_REQUIRE(laboratory.benches.size() == 2u);
  BOOST_TEST(laboratory.benches[1].name() == "home (IPv6)");
  BOOST_TEST(laboratory.benches[1].inside[0].to_string() == "2001:db8:a::fffe");
  BOOST_TEST(laboratory.benches[1].probe == laboratory.benches[0].probe);
}

BOOST_AUTO_TEST_CASE(a_small_net_gives_what_it_has) {
  const auto found = free_addresses(*Prefix::parse("192.0.2.0/29"), {*Ip::parse("192.0.2.5")}, 9);

  std::vector<std::string> texts;
  for (const auto& ip : found) texts.push_back(ip.to_string());
  const std::vector<std::string> expected{"192.0.2.6", "192.0.2.4", "192.0.2.3", "192.0.2.2",
                                          "192.0.2.1"};
  BOOST_TEST(texts == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::selfcheck
