#include "sim/world.h"

#include "agents/base/ip_packet.h"
#include "sim/capture/pcapng_writer.h"
#include "sim/host/host.h"
#include "tests/sim/capture/sightings.h"
#include "tests/sim/capture/tshark.h"
#include "tests/sim/towns.h"

#include <boost/test/unit_test.hpp>

#include <sstream>

namespace rtclab::sim {
namespace {

using namespace std::chrono_literals;

Endpoint ep(std::string_view text) {
  return *Endpoint::parse(text);
}

const auto kAlice = ep("192.168.1.10:5000");
const auto kBob = ep("10.0.0.20:5000");
const auto kCarol = ep("10.0.0.30:5000");
const auto kStun = ep("192.0.2.10:3478");

// A Binding request without attributes (RFC 8489 §5).
const auto kBindingRequest = from_hex("0001 0000 2112a442 000102030405060708090a0b");

// A socket on a machine, and what came out of it.
struct Socket {
  Socket(World& world, std::string_view machine, const Endpoint& at)
      : udp{world.host(machine).udp()}, local{at} {
    BOOST_REQUIRE(udp.bind(local,
                           [this, &world](const Input& input) {
                             if (const auto* received = std::get_if<Received>(&input)) {
                               received_from.push_back(received->path.remote);
                               times.push_back(world.now());
                             }
                             if (const auto* unreachable = std::get_if<Unreachable>(&input)) {
                               unreachable_at.push_back(unreachable->path.remote);
                             }
                           })
                      .has_value());
  }
  void send(const Endpoint& to, ByteView payload) {
    udp.send({Transport::Udp, local, to}, payload);
  }

  UdpSockets& udp;
  Endpoint local;
  std::vector<Endpoint> received_from;
  std::vector<Endpoint> unreachable_at;
  std::vector<Instant> times;
};

struct Towns {
  topology::Topology topology = a_home_and_an_office();
  Sightings sightings;
  std::vector<std::string> events;
  World world{
      topology,
      {.sink = &sightings, .record = [this](Instant, std::string_view machine, const Event& event) {
         if (event.name == "nat:declared") return;  // what every NAT begins with
         events.push_back(std::string{machine} + " " + std::string{event.name});
       }}};
};

BOOST_AUTO_TEST_SUITE(world)

BOOST_FIXTURE_TEST_CASE(a_packet_is_seen_at_every_interface_on_its_way_as_one_and_the_same, Towns) {
  Socket alice{world, "alice", kAlice};

  alice.send(kStun, kBindingRequest);
  world.run_until(Instant{1s});

  const std::vector<std::string> path{"alice.eth0 > 1",   "home.inside < 1", "home.outside > 1",
                                      "core.eth0 < 1",    "core.eth2 > 1",   "stun.eth0 < 1",
                                      "stun.eth0 > 2",    "core.eth2 < 2",   "core.eth0 > 2",
                                      "home.outside < 2", "home.inside > 2", "alice.eth0 < 2"};
  BOOST_TEST(sightings.path() == path, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(the_stun_server_of_the_topology_answers_through_the_nat, Towns) {
  Socket alice{world, "alice", kAlice};

  alice.send(kStun, kBindingRequest);
  world.run_until(Instant{1s});

  BOOST_REQUIRE(alice.received_from.size() == 1u);
  BOOST_TEST((alice.received_from[0] == kStun));
  BOOST_TEST((alice.times[0] == Instant{2 * (1ms + 10ms + 5ms)}));
  const std::vector<std::string> expected{"home nat:mapping_created"};
  BOOST_TEST(events == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_mapping_ends_and_says_so, Towns) {
  Socket alice{world, "alice", kAlice};

  alice.send(kStun, kBindingRequest);
  world.run_until(Instant{5min});

  const std::vector<std::string> expected{"home nat:mapping_created"};
  BOOST_TEST(events == expected, boost::test_tools::per_element());
  world.run_until(Instant{5min + 1ms});  // the packet was at the NAT after 1 ms
  BOOST_TEST(events.back() == "home nat:mapping_expired");
}

BOOST_FIXTURE_TEST_CASE(neighbours_on_a_lan_talk_past_the_nat_and_lose_no_hop, Towns) {
  Socket bob{world, "bob", kBob};
  Socket carol{world, "carol", kCarol};

  bob.send(kCarol, as_octets("hello"));
  world.run_until(Instant{1s});

  BOOST_REQUIRE(carol.received_from.size() == 1u);
  BOOST_TEST((carol.received_from[0] == kBob));
  const std::vector<std::string> path{"bob.eth0 > 1", "lan.eth0 < 1", "lan.eth1 > 1",
                                      "carol.eth0 < 1"};
  BOOST_TEST(sightings.path() == path, boost::test_tools::per_element());
  BOOST_TEST((sightings.seen.front().packet == sightings.seen.back().packet));
  BOOST_TEST((sightings.seen.front().frame.source == sightings.seen.back().frame.source));
  BOOST_TEST((sightings.seen.front().frame.destination == sightings.seen.back().frame.destination));
}

BOOST_FIXTURE_TEST_CASE(behind_a_lan_the_nat_is_the_gateway, Towns) {
  Socket bob{world, "bob", kBob};

  bob.send(kStun, kBindingRequest);
  world.run_until(Instant{1s});

  BOOST_TEST(bob.received_from.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(each_machine_but_a_switch_takes_a_hop, Towns) {
  Socket bob{world, "bob", kBob};

  bob.send(kStun, kBindingRequest);
  world.run_until(Instant{20ms});

  std::vector<int> hop_limits;
  for (const auto& one : sightings.seen)
    hop_limits.push_back(ip::Header::parse(one.packet)->hop_limit);
  const std::vector<int> expected{64, 64, 64, 64, 63, 63, 62, 62};
  BOOST_TEST(std::vector(hop_limits.begin(), hop_limits.begin() + 8) == expected,
             boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(where_no_route_leads_the_sender_is_told_through_its_nat, Towns) {
  Socket alice{world, "alice", kAlice};

  alice.send(kBob, as_octets("hello"));  // private, in another home
  world.run_until(Instant{1s});

  BOOST_REQUIRE(alice.unreachable_at.size() == 1u);
  BOOST_TEST((alice.unreachable_at[0] == kBob));
  const std::vector<std::string> comments{"dropped by core: no route to 10.0.0.20"};
  BOOST_TEST(sightings.comments() == comments, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_closed_port_is_told_of_through_the_nat, Towns) {
  Socket alice{world, "alice", kAlice};

  alice.send({kStun.ip, Port{9}}, as_octets("hello"));
  world.run_until(Instant{1s});

  BOOST_REQUIRE(alice.unreachable_at.size() == 1u);
  BOOST_TEST((alice.unreachable_at[0] == Endpoint{kStun.ip, Port{9}}));
}

BOOST_FIXTURE_TEST_CASE(what_a_nat_filters_is_seen_there_once_with_the_reason, Towns) {
  Socket alice{world, "alice", kAlice};
  alice.send(kStun, kBindingRequest);
  world.run_until(Instant{1s});
  sightings.seen.clear();

  Socket bob{world, "bob", kBob};
  bob.send(ep("203.0.113.1:5000"), as_octets("hello"));
  world.run_until(Instant{2s});

  BOOST_TEST(alice.received_from.size() == 1u);
  BOOST_TEST(sightings.path().back() == "home.outside < 3 x");
  BOOST_TEST(sightings.seen.back().comment ==
             "dropped by home: filtering (APDF): the mapping 203.0.113.1:5000 of 192.168.1.10:5000 "
             "does not admit "
             "198.51.100.1:5000");
  BOOST_TEST(events.back() == "home nat:packet_filtered");
}

BOOST_FIXTURE_TEST_CASE(two_homes_can_punch_a_hole, Towns) {
  Socket alice{world, "alice", kAlice};
  Socket bob{world, "bob", kBob};

  alice.send(ep("198.51.100.1:5000"), as_octets("hello"));
  bob.send(ep("203.0.113.1:5000"), as_octets("hello"));
  world.run_until(Instant{1s});

  BOOST_TEST(alice.received_from.size() == 1u);
  BOOST_TEST(bob.received_from.size() == 1u);
}

// The same network with IPv6: the NATs translate none of it.
topology::Topology with_ipv6() {
  auto towns = a_home_and_an_office();
  const auto add = [](topology::Interface& interface, std::string_view address) {
    interface.addresses.push_back(*Prefix::parse(address));
  };
  add(towns.hosts[0].interfaces[0], "2001:db8:a::10/64");
  add(towns.hosts[1].interfaces[0], "2001:db8:b::20/64");
  add(towns.hosts[2].interfaces[0], "2001:db8:b::30/64");
  add(towns.nats[0].inside, "2001:db8:a::1/64");
  add(towns.nats[0].outside, "2001:db8:f::1/64");
  add(towns.nats[1].inside, "2001:db8:b::1/64");
  add(towns.nats[1].outside, "2001:db8:e::1/64");
  add(towns.stun_servers[0].interface, "2001:db8:5::10/64");
  return towns;
}

BOOST_AUTO_TEST_CASE(ipv6_passes_nats_untranslated_and_filtered) {
  const auto topology = with_ipv6();
  Sightings sightings;
  std::vector<std::string> events;
  World world{
      topology,
      {.sink = &sightings, .record = [&](Instant, std::string_view machine, const Event& event) {
         if (event.name == "nat:declared") return;  // what every NAT begins with
         events.push_back(std::string{machine} + " " + std::string{event.name});
       }}};
  Socket alice{world, "alice", ep("[2001:db8:a::10]:5000")};
  Socket bob{world, "bob", ep("[2001:db8:b::20]:5000")};

  bob.send(alice.local, as_octets("unasked"));
  world.run_until(Instant{1s});
  alice.send(bob.local, as_octets("hello"));
  bob.send(alice.local, as_octets("hello"));
  world.run_until(Instant{2s});

  BOOST_TEST(events == std::vector<std::string>{"home firewall:packet_filtered"});
  BOOST_REQUIRE(alice.received_from.size() == 1u);
  BOOST_TEST((alice.received_from[0] == bob.local));
  BOOST_REQUIRE(bob.received_from.size() == 1u);
  BOOST_TEST((bob.received_from[0] == alice.local));
}

BOOST_AUTO_TEST_CASE(a_server_answers_in_both_families) {
  const auto topology = with_ipv6();
  World world{topology};
  Socket four{world, "alice", kAlice};
  Socket six{world, "alice", ep("[2001:db8:a::10]:5000")};

  four.send(kStun, kBindingRequest);
  six.send(ep("[2001:db8:5::10]:3478"), kBindingRequest);
  world.run_until(Instant{1s});

  BOOST_TEST(four.received_from.size() == 1u);
  BOOST_TEST(six.received_from.size() == 1u);
}

// RFC 5780 §4.4: asked to, the server answers from its other address and port, which a NAT that
// filters by neither lets in.
BOOST_AUTO_TEST_CASE(a_stun_server_with_two_addresses_answers_from_the_other_one) {
  auto topology = a_home_and_an_office();
  topology.nats[0].behaviour.filtering = topology::Filtering::EndpointIndependent;
  topology.stun_servers[0].interface.addresses.push_back(*Prefix::parse("192.0.2.11/24"));
  World world{topology};
  Socket alice{world, "alice", kAlice};

  // CHANGE-REQUEST: change IP and port.
  alice.send(kStun, from_hex("0001 0008 2112a442 000102030405060708090a0b 0003 0004 00000006"));
  world.run_until(Instant{1s});

  BOOST_REQUIRE(alice.received_from.size() == 1u);
  BOOST_TEST((alice.received_from[0] == ep("192.0.2.11:3479")));
}

BOOST_AUTO_TEST_CASE(a_direction_of_a_link_does_what_it_is_told_from_then_on) {
  const auto topology = a_home_and_an_office();
  World world{topology};
  Socket alice{world, "alice", kAlice};
  auto quality = world.quality("home.outside", "core");
  const auto before = quality;
  quality.loss = 1;
  world.set_quality("home.outside", "core", quality);
  BOOST_TEST((world.quality("core", "home") == before));
  alice.send(kStun, kBindingRequest);
  world.run_until(Instant{1s});
  BOOST_TEST(alice.received_from.empty());

  world.set_quality("home", "core", before);
  alice.send(kStun, kBindingRequest);
  world.run_until(Instant{2s});
  BOOST_TEST(alice.received_from.size() == 1u);
}

BOOST_AUTO_TEST_CASE(where_no_route_leads_an_icmpv6_error_comes_back) {
  const auto topology = with_ipv6();
  World world{topology};
  Socket alice{world, "alice", ep("[2001:db8:a::10]:5000")};
  const auto nowhere = ep("[2001:db8:77::1]:9");

  alice.send(nowhere, as_octets("anybody?"));
  world.run_until(Instant{1s});

  BOOST_REQUIRE(alice.unreachable_at.size() == 1u);
  BOOST_TEST((alice.unreachable_at[0] == nowhere));
}

// Between the core and a home stands a firewall instead of a NAT: its inside is routed to.
BOOST_AUTO_TEST_CASE(a_firewall_keeps_addresses_of_both_families) {
  auto topology = with_ipv6();
  const auto home = topology.nats.front();
  topology.nats.erase(topology.nats.begin());
  topology.firewalls = {{"home", home.inside, home.outside}};
  World world{topology};
  Socket four{world, "alice", kAlice};
  Socket six{world, "alice", ep("[2001:db8:a::10]:5000")};
  four.send(kStun, kBindingRequest);
  six.send(ep("[2001:db8:5::10]:3478"), kBindingRequest);
  world.run_until(Instant{1s});
  Socket bob{world, "bob", kBob};
  bob.send(kAlice, as_octets("unasked"));
  world.run_until(Instant{2s});

  BOOST_TEST(four.received_from.size() == 1u);
  BOOST_TEST(six.received_from.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(an_interface_goes_down_and_comes_back, Towns) {
  Socket alice{world, "alice", kAlice};
  world.set_up("alice", "eth0", false);
  alice.send(kStun, kBindingRequest);
  world.run_until(Instant{1s});
  BOOST_TEST(sightings.seen.empty());

  world.set_up("alice", "eth0", true);
  alice.send(kStun, kBindingRequest);
  world.run_until(Instant{2s});
  BOOST_TEST(alice.received_from.size() == 1u);
}

// One run of some traffic over links that lose packets: the capture as a file.
std::string capture_of(std::uint64_t seed) {
  auto topology = with_ipv6();
  for (auto& nat : topology.nats) nat.behaviour.port_allocation = topology::PortAllocation::Random;
  for (auto& link : topology.links) link.a_to_b.loss = link.b_to_a.loss = 0.1;
  std::ostringstream out;
  capture::PcapngWriter writer{out, "rtclab test"};
  World world{topology, {.seed = seed, .sink = &writer}};
  Socket alice{world, "alice", kAlice};
  Socket bob{world, "bob", kBob};
  Socket alice6{world, "alice", ep("[2001:db8:a::10]:5000")};
  for (int i = 0; i < 50; ++i) {
    world.schedule(Instant{i * 7ms}, [&] {
      alice.send(kStun, kBindingRequest);
      bob.send(kStun, kBindingRequest);
      bob.send(kAlice, as_octets("nowhere"));
      bob.send(kCarol, as_octets("nobody listens"));
      alice6.send(ep("[2001:db8:5::10]:3478"), kBindingRequest);
      alice6.send(ep("[2001:db8:77::1]:9"), as_octets("nowhere"));
    });
  }
  world.run_until(Instant{1s});
  return out.str();
}

BOOST_AUTO_TEST_CASE(one_seed_is_one_history_also_after_other_worlds) {
  const auto first = capture_of(1);
  const auto other = capture_of(2);
  const auto again = capture_of(1);

  BOOST_TEST((first == again));
  BOOST_TEST((first != other));
}

BOOST_AUTO_TEST_CASE(wireshark_finds_nothing_wrong_with_a_run) {
  const auto file = capture_of(3);

  BOOST_TEST(
      tshark(file,
             "-Y '_ws.malformed || _ws.expert.severity == error || ip.checksum.status == 0 || "
             "udp.checksum.status == 0 || icmp.checksum.status == 0 || "
             "icmpv6.checksum.status == 0' -T fields -e frame.number") == "");
  BOOST_TEST(tshark(file, "-Y icmpv6 -c 200 -T fields -e icmpv6.checksum.status").starts_with("1"));
  BOOST_TEST(tshark(file, "-Y icmp -c 100 -T fields -e icmp.checksum.status").starts_with("1"));
}

BOOST_AUTO_TEST_CASE(a_capture_is_in_the_order_of_time) {
  BOOST_TEST(capinfos(capture_of(4), "-o").find("Strict time order:   True") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
