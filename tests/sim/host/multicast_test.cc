// What is sent to a group: RFC 1122 §3.3.7, and RFC 6762 §15 for the port that members share.
#include "sim/host/agent_host.h"
#include "sim/nat/switch_node.h"
#include "tests/sim/capture/sightings.h"
#include "tests/sim/host/host_pair.h"
#include "tests/sim/host/scripted_agent.h"

#include <boost/test/unit_test.hpp>

#include <map>

namespace rtclab::sim {
namespace {

const Ip kGroup = *Ip::parse("224.0.0.251");

Endpoint at(std::string_view ip) {
  return {*Ip::parse(ip), Port{5353}};
}

// Three machines on a switch.
struct Lan {
  static InterfaceSpec spec(const std::string& name, const std::string& number) {
    return {name, "eth0", {*Prefix::parse("10.0.0." + number + "/24")}};
  }
  Lan() {
    alice.attach(a.a());
    bob.attach(b.a());
    carol.attach(c.a());
    std::map<Ip, capture::InterfaceId> everybody;
    for (auto* const link : {&a, &b, &c}) {
      lan.attach(link->b());
      lan.add_station(link->a().id(), link->b());
      everybody.emplace(link->a().addresses().front().ip, link->a().id());
    }
    for (auto* const link : {&a, &b, &c}) {
      link->a().set_neighbours(
          std::make_shared<const std::map<Ip, capture::InterfaceId>>(everybody), link->a().id());
    }
  }
  static OpenSocket member_at(std::string_view ip) { return {1, Transport::Udp, at(ip), kGroup}; }
  static void act(AgentHost<Scripted>& host, Output output) {
    host.call([&](Instant, Scripted& agent) { agent.outputs.push_back(std::move(output)); });
  }
  void run() { simulation.run_until(Simulation::now() + 1s); }

  Sightings sightings;
  Simulation simulation;
  Network network{1, &sightings};
  Link a{network, {}, spec("alice", "1"), {"lan", "eth0", {}}};
  Link b{network, {}, spec("bob", "2"), {"lan", "eth1", {}}};
  Link c{network, {}, spec("carol", "3"), {"lan", "eth2", {}}};
  SwitchNode lan{"lan"};
  Host alice{"alice", SeededRng{1}.fork("alice")};
  Host bob{"bob", SeededRng{1}.fork("bob")};
  Host carol{"carol", SeededRng{1}.fork("carol")};
  Lines at_alice;
  Lines at_bob;
  Lines at_carol;
};

const AgentHost<Scripted>::Hooks kNoHooks{.record = [](Instant, const Event&) {}};

BOOST_AUTO_TEST_SUITE(multicast)

BOOST_FIXTURE_TEST_CASE(members_get_it_and_others_do_not, Lan) {
  AgentHost<Scripted> of_alice{alice, kNoHooks, at_alice};
  AgentHost<Scripted> of_bob{bob, kNoHooks, at_bob};
  AgentHost<Scripted> of_carol{carol, kNoHooks, at_carol};
  act(of_alice, member_at("10.0.0.1"));
  act(of_bob, member_at("10.0.0.2"));
  act(of_carol, OpenSocket{1, Transport::Udp, at("10.0.0.3")});
  act(of_alice,
      Transmit{{Transport::Udp, at("10.0.0.1"), {kGroup, Port{5353}}}, to_octets("who is there?")});
  run();

  BOOST_TEST(at_bob.back() == "received who is there?");
  BOOST_TEST(at_carol.back() == "opened 1 10.0.0.3");
  BOOST_TEST(at_alice.back() == "opened 1 10.0.0.1");
  const std::vector<std::string> path{"alice.eth0 > 1", "lan.eth0 < 1", "lan.eth1 > 1",
                                      "lan.eth2 > 1",   "bob.eth0 < 1", "carol.eth0 < 1"};
  BOOST_TEST(sightings.path() == path, boost::test_tools::per_element());
}

// The answer to one querier goes to its own address (RFC 6762 §6.7).
BOOST_FIXTURE_TEST_CASE(a_member_is_also_reached_by_its_own_address, Lan) {
  AgentHost<Scripted> of_alice{alice, kNoHooks, at_alice};
  AgentHost<Scripted> of_bob{bob, kNoHooks, at_bob};
  act(of_alice, member_at("10.0.0.1"));
  act(of_bob, member_at("10.0.0.2"));
  act(of_bob, Transmit{{Transport::Udp, at("10.0.0.2"), at("10.0.0.1")}, to_octets("I am")});
  run();
  BOOST_TEST(at_alice.back() == "received I am");
}

BOOST_FIXTURE_TEST_CASE(members_of_one_machine_share_the_port, Lan) {
  Lines second;
  AgentHost<Scripted> of_alice{alice, kNoHooks, at_alice};
  AgentHost<Scripted> of_bob{bob, kNoHooks, at_bob};
  AgentHost<Scripted> again{bob, kNoHooks, second};
  act(of_alice, member_at("10.0.0.1"));
  act(of_bob, member_at("10.0.0.2"));
  act(again, member_at("10.0.0.2"));
  const auto ask = [&](std::string_view text) {
    act(of_alice,
        Transmit{{Transport::Udp, at("10.0.0.1"), {kGroup, Port{5353}}}, to_octets(text)});
    run();
  };
  ask("both");
  act(of_bob, CloseSocket{Transport::Udp, at("10.0.0.2")});
  ask("one");

  BOOST_TEST(at_bob.back() == "received both");
  BOOST_TEST(second.back() == "received one");
  BOOST_TEST(bob.udp().bind(at("10.0.0.2"), {}).error() == "UDP 10.0.0.2:5353 is in use on bob");
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_joined_is_said, Lan) {
  const auto why = [&](std::string_view local, std::string_view group) {
    return alice.udp().join(at(local), *Ip::parse(group), {}).error();
  };
  BOOST_TEST(why("10.0.0.2", "224.0.0.251") == "alice has no address 10.0.0.2");
  BOOST_TEST(why("10.0.0.1", "10.0.0.9") ==
             "10.0.0.9 is no multicast group that 10.0.0.1 can join");
  BOOST_TEST(why("10.0.0.1", "ff02::fb") ==
             "ff02::fb is no multicast group that 10.0.0.1 can join");
}

// RFC 6762 §11, and RFC 1112 §6.4 for the frame.
BOOST_AUTO_TEST_CASE(it_leaves_with_the_largest_hop_limit_and_the_address_of_the_group) {
  HostPair pair;
  const auto member = pair.alice.udp().join(at("192.0.2.1"), kGroup, {});
  BOOST_REQUIRE(member.has_value());
  pair.alice.udp().send({Transport::Udp, member->local, {kGroup, Port{5353}}}, Bytes(20));
  pair.run_for(1s);

  const auto file = pair.capture();
  const std::string header{"\x01\x00\x5e\x00\x00\xfb", 6};
  const auto frame = file.find(header);
  BOOST_REQUIRE(frame != std::string::npos);
  BOOST_TEST(int{static_cast<unsigned char>(file.at(frame + 14 + 8))} == 255);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
