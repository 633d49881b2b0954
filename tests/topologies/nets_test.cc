#include "topologies/nets.h"

#include "tests/topologies/support.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::topology {
namespace {

BOOST_AUTO_TEST_SUITE(nets)

BOOST_AUTO_TEST_CASE(a_lan_joins_its_interfaces_and_leaves_by_the_nat) {
  const auto topology = *parse("home.xml", kHome);
  const Nets nets{topology};

  const auto* home = nets.net_of({"alice", "eth0"});

  BOOST_REQUIRE(home != nullptr);
  BOOST_TEST((home->interfaces ==
              std::vector<LinkEnd>{{"alice", "eth0"}, {"carol", "eth0"}, {"gate", "inside"}}));
  BOOST_TEST(home->lans == std::vector<std::string>{"switch"});
  BOOST_TEST(home->gateway().value() == "gate");
  BOOST_TEST(nets.net_of({"gate", "inside"}) == home);
  BOOST_TEST(nets.net_of({"nobody", "eth0"}) == nullptr);
  BOOST_TEST(nets.loops().empty());
}

BOOST_AUTO_TEST_CASE(a_router_parts_nets_and_joins_realms) {
  const auto topology = *parse("home.xml", kHome);
  const Nets nets{topology};

  const auto* outside = nets.net_of({"gate", "outside"});
  const auto* stun = nets.net_of({"stun", "eth0"});

  BOOST_TEST(outside != stun);
  BOOST_TEST(outside->realm == stun->realm);
  BOOST_TEST(outside->gateway().value() == "internet");
  BOOST_TEST(nets.net_of({"alice", "eth0"})->realm != stun->realm);
}

BOOST_AUTO_TEST_CASE(outward_leads_through_each_nat_to_the_core) {
  const auto topology = *parse("home.xml", kHome);
  const Nets nets{topology};
  const auto home = nets.net_of({"alice", "eth0"})->realm;
  const auto core = nets.net_of({"stun", "eth0"})->realm;

  BOOST_TEST((nets.realms_outward({"alice", "eth0"}) == std::vector{home, core}));
  BOOST_TEST((nets.realms_outward({"stun", "eth0"}) == std::vector{core}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::topology
