// Addresses of both families from one Allocate (RFC 8656 §7.2, step 9, and §8.1).
#include "tests/agents/turn/talk.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace rtclab::turn {
namespace {

namespace error = stun::error;
using namespace std::chrono_literals;

const Ip kServerV6 = *Ip::parse("2001:db8::1");

Config family_config(RelayFamilies families) {
  auto config = client_config();
  config.families = families;
  return config;
}

// The client's allocation at a server with both families.
World a_dual_allocation(RelayFamilies families = RelayFamilies::Both) {
  World world{family_config(families)};
  world.server().handle_input(world.now(), InterfaceUp{"eth0", kServerV6});
  world.client().allocate(world.now());
  world.run_for(100ms);
  return world;
}

Message additional(Talk& talk) {
  return talk.allocate_request().add(stun::AdditionalAddressFamily{stun::FamilyCode::V6});
}
Message refresh(Talk& talk, stun::FamilyCode family, std::uint32_t lifetime) {
  return talk.request(Method::Refresh)
      .add(stun::RequestedAddressFamily{family})
      .add(stun::Lifetime{lifetime});
}

BOOST_AUTO_TEST_SUITE(turn_dual_allocation)

BOOST_AUTO_TEST_CASE(has_an_address_of_each_family) {
  auto world = a_dual_allocation();
  const auto allocated = world.take<Allocated>();
  BOOST_TEST_REQUIRE(allocated.size() == 1u);
  BOOST_TEST((allocated[0].relayed.ip == kServer.ip));
  BOOST_TEST_REQUIRE(allocated[0].additional.has_value());
  BOOST_TEST((allocated[0].additional->ip == kServerV6));
  BOOST_TEST(!allocated[0].refused.has_value());
  BOOST_TEST((world.client().relayed(Family::V6) == allocated[0].additional));
}

BOOST_AUTO_TEST_CASE(sends_to_each_peer_from_the_address_of_its_family) {
  auto world = a_dual_allocation();
  world.client().send(world.now(), kPeer, as_octets("four"));
  world.client().send(world.now(), kV6Peer, as_octets("six"));
  world.run_for(100ms);
  BOOST_TEST_REQUIRE(world.to_peers.size() == 2u);
  BOOST_TEST((world.to_peers[0].path.local == world.client().relayed(Family::V4)));
  BOOST_TEST((world.to_peers[1].path.local == world.client().relayed(Family::V6)));
  BOOST_TEST((world.take_at_peer() ==
              std::vector<std::string>{"203.0.113.9:4000 four", "[2001:db8::9]:4000 six"}));
}

BOOST_AUTO_TEST_CASE(hears_peers_of_each_family) {
  auto world = a_dual_allocation();
  world.client().create_permission(world.now(), kV6Peer.ip);
  world.run_for(100ms);
  world.server().handle_input(
      world.now(),
      Received{{Transport::Udp, *world.client().relayed(Family::V6), kV6Peer}, as_octets("six")});
  world.drain();
  world.run_for(100ms);
  BOOST_TEST((world.take<Data>().at(0).peer == kV6Peer));
}

BOOST_AUTO_TEST_CASE(of_a_server_without_ipv6_has_one_address_and_is_told_440) {
  World world{family_config(RelayFamilies::Both)};
  world.client().allocate(world.now());
  world.run_for(100ms);
  const auto allocated = world.take<Allocated>();
  BOOST_TEST_REQUIRE(allocated.size() == 1u);
  BOOST_TEST(!allocated[0].additional.has_value());
  BOOST_TEST_REQUIRE(allocated[0].refused.has_value());
  BOOST_TEST((allocated[0].refused->family == stun::FamilyCode::V6));
  BOOST_TEST(allocated[0].refused->code == error::kAddressFamilyNotSupported);
}

BOOST_AUTO_TEST_CASE(of_a_server_whose_ipv6_ports_are_all_taken_is_told_508) {
  World world{family_config(RelayFamilies::Both)};
  world.server().handle_input(world.now(), InterfaceUp{"eth0", kServerV6});
  world.port_is_foreign = [](const Endpoint& local) { return local.ip == kServerV6; };
  world.client().allocate(world.now());
  world.run_for(100ms);
  const auto allocated = world.take<Allocated>();
  BOOST_TEST_REQUIRE(allocated.size() == 1u);
  BOOST_TEST(allocated[0].refused.value().code == error::kInsufficientCapacity);
}

BOOST_AUTO_TEST_CASE(where_neither_is_to_be_had_fails_with_508) {
  World world{family_config(RelayFamilies::Both)};
  world.port_is_foreign = [](const Endpoint&) { return true; };
  world.client().allocate(world.now());
  world.run_for(100ms);
  BOOST_TEST(world.take<AllocationFailed>().at(0).code == error::kInsufficientCapacity);
}

BOOST_AUTO_TEST_CASE(gives_one_family_back_with_its_permissions_and_keeps_the_other) {
  auto world = a_dual_allocation();
  world.client().bind_channel(world.now(), kPeer);
  world.client().bind_channel(world.now(), kV6Peer);
  world.run_for(100ms);
  world.client().release(world.now(), Family::V6);
  world.run_for(100ms);

  BOOST_TEST(world.events_named("turn:family_deleted") == 1);
  BOOST_TEST(!world.client().relayed(Family::V6).has_value());
  BOOST_TEST(!world.client().has_permission(kV6Peer.ip));
  const auto& allocation = world.server().allocations().begin()->second;
  BOOST_TEST(allocation.relays.size() == 1u);
  BOOST_TEST(!allocation.permits(world.now(), kV6Peer.ip));
  BOOST_TEST(allocation.permits(world.now(), kPeer.ip));
  world.run_for(1h);
  BOOST_TEST(world.server().allocations().size() == 1u);
}

BOOST_AUTO_TEST_CASE(each_family_is_refreshed_for_itself_and_ends_for_itself) {
  Talk talk;
  talk.server.handle_input(talk.now, InterfaceUp{"eth0", kServerV6});
  talk.drain();
  const auto response = talk.ask(additional(talk));
  const auto relays = response.find_all<stun::XorRelayedAddress>();
  BOOST_TEST_REQUIRE(relays.size() == 2u);
  talk.now += 500s;
  BOOST_TEST(talk.code_of(refresh(talk, stun::FamilyCode::V4, 600)) == 0);
  talk.now += 100s;
  talk.closed.clear();
  talk.server.handle_timeout(talk.now);
  talk.drain();

  BOOST_TEST((talk.closed == std::vector{relays[1].endpoint}));
  BOOST_TEST(talk.code_of(refresh(talk, stun::FamilyCode::V6, 600)) ==
             error::kPeerAddressFamilyMismatch);
  BOOST_TEST(talk.code_of(talk.permission_request(kV6Peer)) == error::kPeerAddressFamilyMismatch);
  BOOST_TEST(talk.code_of(talk.permission_request(kPeer)) == 0);
}

BOOST_AUTO_TEST_CASE(a_resend_is_answered_with_both_addresses_again) {
  Talk talk;
  talk.server.handle_input(talk.now, InterfaceUp{"eth0", kServerV6});
  talk.drain();
  auto request = additional(talk);
  (void)talk.ask(talk.request(Method::Allocate));  // 400, and a challenge taken
  const auto octets = talk.alice.seal(request, false);
  const auto first = talk.push(octets);
  const auto second = talk.push(octets);
  BOOST_TEST_REQUIRE(first.size() == 1u);
  BOOST_TEST_REQUIRE(second.size() == 1u);
  BOOST_TEST((first[0].bytes == second[0].bytes));
}

BOOST_AUTO_TEST_CASE(ipv6_alone_can_be_asked_for) {
  auto world = a_dual_allocation(RelayFamilies::V6);
  const auto allocated = world.take<Allocated>();
  BOOST_TEST_REQUIRE(allocated.size() == 1u);
  BOOST_TEST((allocated[0].relayed.ip == kServerV6));
}

BOOST_AUTO_TEST_CASE(the_client_reserves_the_port_above_and_comes_back_for_it) {
  auto config = client_config();
  config.even_port = stun::EvenPort{true};
  World world{config};
  world.client().allocate(world.now());
  world.run_for(100ms);
  const auto first = world.take<Allocated>().at(0);
  BOOST_TEST(first.relayed.port.value() % 2 == 0);
  BOOST_TEST_REQUIRE(first.reservation.has_value());

  Talk talk;
  const auto reserved = talk.ask(talk.allocate_request().add(stun::EvenPort{true}));
  const auto port = reserved.find<stun::XorRelayedAddress>()->endpoint.port.value();
  SeededRng rng{4};
  auto second_config = client_config();
  second_config.token = reserved.find<stun::ReservationToken>();
  second_config.local = kSecondClient;
  Client second{second_config, rng};
  second.allocate(talk.now);
  while (!second.relayed()) {
    const auto output = second.poll_output();
    BOOST_TEST_REQUIRE(output.has_value());
    const auto* const transmit = std::get_if<Transmit>(&*output);
    if (transmit == nullptr) continue;
    for (const auto& reply : talk.push(transmit->bytes, kSecondClient))
      second.handle_datagram(talk.now, reply.bytes);
  }
  BOOST_TEST(second.relayed()->port.value() == port + 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::turn
