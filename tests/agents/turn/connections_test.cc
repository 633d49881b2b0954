// TCP allocations (RFC 6062): the client against the server, over TCP and TLS, with peers played by
// the test.
#include "agents/stun/error_code.h"
#include "tests/agents/turn/world.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace rtclab::turn {
namespace {

namespace data = boost::unit_test::data;
namespace error = stun::error;
using namespace std::chrono_literals;

const auto kStreams = data::make({ServerTransport::Tcp, ServerTransport::Tls});

Config tcp_config(ServerTransport transport = ServerTransport::Tcp) {
  auto config = client_config(transport);
  config.relays_over = Transport::Tcp;
  return config;
}

// The path of a peer's connection as the server names it.
Path from_relay_to(World& world, const Endpoint& peer) {
  return {Transport::Tcp, *world.client().relayed(), peer};
}

// A world with a connection to kPeer that the client asked for.
struct Connected {
  explicit Connected(ServerTransport transport = ServerTransport::Tcp)
      : world{an_allocation(tcp_config(transport))} {
    world.client().connect(world.now(), kPeer);
    world.run_for(100ms);
    BOOST_TEST_REQUIRE(world.to_peer_streams.size() == 1u);
    world.peer_accepts(world.to_peer_streams[0]);
    path = from_relay_to(world, kPeer);
    world.run_for(200ms);
    const auto told = world.take<PeerConnected>();
    BOOST_TEST_REQUIRE(told.size() == 1u);
    BOOST_TEST((told[0].peer == kPeer));
    BOOST_TEST(!told[0].is_incoming);
    id = told[0].id;
  }

  World world;
  Path path;
  std::uint32_t id = 0;
};

std::string received(World& world, std::uint32_t id) {
  std::string text;
  for (const auto& octets : world.take<ConnectionData>()) {
    BOOST_TEST(octets.id == id);
    text += as_text(octets.bytes);
  }
  return text;
}

BOOST_AUTO_TEST_SUITE(turn_connections)

BOOST_DATA_TEST_CASE(a_connection_that_was_asked_for_carries_octets_both_ways, kStreams,
                     transport) {
  Connected connected{transport};
  auto& world = connected.world;
  BOOST_TEST((world.to_peer_streams[0].local == *world.client().relayed()));
  BOOST_TEST((world.to_peer_streams[0].remote == kPeer));

  world.client().send_on(connected.id, as_octets("to the peer"));
  world.run_for(100ms);
  world.peer_streams(connected.path, "and back, of any length");
  world.run_for(100ms);

  BOOST_TEST_REQUIRE(world.to_peers.size() == 1u);
  BOOST_TEST((world.to_peers[0].path == connected.path));
  BOOST_TEST(as_text(world.to_peers[0].bytes) == "to the peer");
  BOOST_TEST(received(world, connected.id) == "and back, of any length");
}

// The answer to ConnectionBind and the peer's octets can come in one segment; the octets may look
// like anything.
BOOST_DATA_TEST_CASE(what_the_peer_sends_before_the_binding_is_kept, kStreams, transport) {
  World world = an_allocation(tcp_config(transport));
  world.client().connect(world.now(), kPeer);
  world.run_for(100ms);
  world.peer_accepts(world.to_peer_streams.at(0));
  world.peer_streams(from_relay_to(world, kPeer), "SSH-2.0-early\r\n");
  world.run_for(200ms);
  const auto events = world.take_events();
  BOOST_TEST_REQUIRE(events.size() == 2u);
  BOOST_TEST(std::holds_alternative<PeerConnected>(events[0]));
  BOOST_TEST(as_text(std::get<ConnectionData>(events[1]).bytes) == "SSH-2.0-early\r\n");
}

BOOST_DATA_TEST_CASE(a_peer_with_a_permission_may_connect, kStreams, transport) {
  World world = a_permission(tcp_config(transport));
  world.peer_connects(kSamePeerOtherPort);
  world.run_for(200ms);

  const auto told = world.take<PeerConnected>();
  BOOST_TEST_REQUIRE(told.size() == 1u);
  BOOST_TEST((told[0].peer == kSamePeerOtherPort));
  BOOST_TEST(told[0].is_incoming);
  world.peer_streams(from_relay_to(world, kSamePeerOtherPort), "hello");
  world.run_for(100ms);
  BOOST_TEST(received(world, told[0].id) == "hello");
}

BOOST_AUTO_TEST_CASE(a_peer_without_a_permission_is_closed_at_once) {
  auto world = an_allocation(tcp_config());
  world.peer_connects(kStranger);
  world.run_for(200ms);
  BOOST_TEST((world.closed_streams == std::vector{from_relay_to(world, kStranger)}));
  BOOST_TEST(world.take<PeerConnected>().empty());
}

BOOST_AUTO_TEST_CASE(a_peer_that_cannot_be_reached_is_447_and_not_asked_for_again_for_10_s) {
  auto world = an_allocation(tcp_config());
  world.client().connect(world.now(), kPeer);
  world.run_for(100ms);
  world.server().handle_input(world.now(),
                              SocketFailed{world.to_peer_streams.at(0).request, "refused"});
  world.run_for(100ms);
  BOOST_TEST(world.take<PeerConnectionFailed>().at(0).code == error::kConnectionTimeoutOrFailure);

  world.client().connect(world.now(), kPeer);
  world.run_for(9800ms);
  BOOST_TEST(world.take<PeerConnectionFailed>().at(0).code == 0);
  BOOST_TEST(world.to_peer_streams.size() == 1u);
  world.run_for(200ms);
  world.client().connect(world.now(), kPeer);
  world.run_for(100ms);
  BOOST_TEST(world.to_peer_streams.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_peer_that_never_answers_is_447_after_30_s) {
  auto world = an_allocation(tcp_config());
  world.client().connect(world.now(), kPeer);
  world.run_for(29900ms);
  BOOST_TEST(world.take<PeerConnectionFailed>().empty());
  world.run_for(200ms);
  BOOST_TEST(world.take<PeerConnectionFailed>().at(0).code == error::kConnectionTimeoutOrFailure);
  BOOST_TEST((world.closed_streams == std::vector{from_relay_to(world, kPeer)}));
}

BOOST_AUTO_TEST_CASE(a_second_connection_to_the_peer_is_446) {
  Connected connected;
  auto& world = connected.world;
  world.client().connect(world.now(), kPeer);
  world.run_for(100ms);
  BOOST_TEST(world.take<PeerConnectionFailed>().at(0).code == error::kConnectionAlreadyExists);
}

BOOST_AUTO_TEST_CASE(a_forbidden_peer_is_403) {
  auto world = an_allocation(tcp_config());
  world.client().connect(world.now(), *Endpoint::parse("127.0.0.1:22"));
  world.run_for(100ms);
  BOOST_TEST(world.take<PeerConnectionFailed>().at(0).code == error::kForbidden);
}

BOOST_AUTO_TEST_CASE(when_the_peer_closes_the_client_is_told) {
  Connected connected;
  auto& world = connected.world;
  world.server().handle_input(world.now(), StreamClosed{connected.path, "closed"});
  world.drain();
  world.run_for(100ms);
  BOOST_TEST(world.take<PeerDisconnected>().at(0).id == connected.id);
  world.client().send_on(connected.id, as_octets("too late"));
  world.run_for(100ms);
  BOOST_TEST(world.to_peers.empty());
}

BOOST_AUTO_TEST_CASE(when_the_client_closes_the_peer_is_closed) {
  Connected connected;
  auto& world = connected.world;
  world.client().disconnect(connected.id);
  world.run_for(100ms);
  BOOST_TEST((world.closed_streams == std::vector{connected.path}));
}

BOOST_AUTO_TEST_CASE(a_connection_that_nobody_binds_is_closed_after_30_s) {
  auto world = a_permission(tcp_config());
  world.refuse_streams = true;
  world.peer_connects(kPeer);
  world.run_for(29900ms);
  BOOST_TEST(world.take<PeerConnectionFailed>().size() == 1u);
  BOOST_TEST(world.closed_streams.empty());
  world.run_for(200ms);
  BOOST_TEST((world.closed_streams == std::vector{from_relay_to(world, kPeer)}));
}

BOOST_AUTO_TEST_CASE(with_the_allocation_all_connections_end) {
  Connected connected;
  auto& world = connected.world;
  world.client().close(world.now());
  world.run_for(200ms);
  BOOST_TEST(world.take<PeerDisconnected>().size() == 1u);
  BOOST_TEST(std::ranges::count(world.closed_streams, connected.path) == 1);
  BOOST_TEST(world.server().allocations().empty());
}

BOOST_AUTO_TEST_CASE(with_the_control_connection_all_connections_end) {
  Connected connected;
  auto& world = connected.world;
  world.server().handle_input(world.now(),
                              StreamClosed{world.server().allocations().begin()->first, "reset"});
  world.drain();
  BOOST_TEST(std::ranges::count(world.closed_streams, connected.path) == 1);
}

BOOST_AUTO_TEST_CASE(a_connection_lives_as_long_as_the_allocation_is_refreshed) {
  Connected connected;
  auto& world = connected.world;
  world.run_for(2h);
  world.peer_streams(connected.path, "still there");
  world.run_for(100ms);
  BOOST_TEST(received(world, connected.id) == "still there");
}

BOOST_AUTO_TEST_CASE(over_udp_there_is_no_tcp_allocation) {
  auto config = client_config();
  config.relays_over = Transport::Tcp;
  World world{config};
  world.client().allocate(world.now());
  world.run_for(100ms);
  BOOST_TEST(world.take<AllocationFailed>().at(0).code == error::kBadRequest);
}

BOOST_AUTO_TEST_CASE(a_udp_allocation_has_no_connections) {
  auto world = an_allocation(client_config(ServerTransport::Tcp));
  world.client().connect(world.now(), kPeer);
  world.run_for(100ms);
  BOOST_TEST(world.take<PeerConnectionFailed>().size() == 1u);
}

// coturn's client takes the nonce of the control connection for its data connections, and gives up
// when that is stale there.
BOOST_AUTO_TEST_CASE(a_data_connection_is_bound_with_the_nonce_of_the_control_connection) {
  Connected connected;
  BOOST_TEST(connected.world.events_named("turn:request_retried") == 1);  // 401 to the Allocate
  BOOST_TEST(connected.world.events_named("turn:connection_bound") == 1);
  const auto refusals =
      std::ranges::count(connected.world.trace, "stun:request_refused", &Event::name);
  BOOST_TEST(refusals == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::turn
