// Client and server over UDP, TCP and TLS: the same service whatever carries it.
#include "tests/agents/turn/world.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace rtclab::turn {

namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

const auto kAll = data::make({ServerTransport::Udp, ServerTransport::Tcp, ServerTransport::Tls});
const auto kStreams = data::make({ServerTransport::Tcp, ServerTransport::Tls});

std::vector<std::string> texts(const std::vector<Data>& events) {
  std::vector<std::string> result;
  for (const auto& event : events)
    result.push_back(event.peer.to_string() + " " + std::string{as_text(event.bytes)});
  return result;
}

// A stream's own end of the path differs; the allocation is known by it.
Path control_of(World& world) {
  return world.server().allocations().begin()->first;
}

BOOST_AUTO_TEST_SUITE(turn_transports)

BOOST_DATA_TEST_CASE(carry_data_both_ways_in_indications_and_channels, kAll, transport) {
  World world = an_allocation(client_config(transport));
  world.client().send(world.now(), kPeer, as_octets("one"));
  world.run_for(100ms);
  world.peer_sends(kPeer, "two");
  world.run_for(100ms);
  world.client().bind_channel(world.now(), kPeer);
  world.run_for(100ms);
  for (const auto* const text : {"", "a", "four5", "eight888"})
    world.client().send(world.now(), kPeer, as_octets(text));
  world.run_for(20ms);
  world.peer_sends(kPeer, "three");
  world.peer_sends(kPeer, "");
  world.run_for(100ms);

  BOOST_TEST(
      (world.take_at_peer() ==
       std::vector<std::string>{"203.0.113.9:4000 one", "203.0.113.9:4000 ", "203.0.113.9:4000 a",
                                "203.0.113.9:4000 four5", "203.0.113.9:4000 eight888"}));
  BOOST_TEST((texts(world.take<Data>()) == std::vector<std::string>{"203.0.113.9:4000 two",
                                                                    "203.0.113.9:4000 three",
                                                                    "203.0.113.9:4000 "}));
}

BOOST_DATA_TEST_CASE(are_part_of_the_5_tuple, kAll, transport) {
  World world = an_allocation(client_config(transport));
  const auto path = control_of(world);
  BOOST_TEST((path.transport == carrier(transport)));
  BOOST_TEST((path.local == (transport == ServerTransport::Tls ? kTlsServer : kServer)));
}

BOOST_DATA_TEST_CASE(keep_the_allocation_for_two_hours, kAll, transport) {
  World world = a_permission(client_config(transport));
  world.client().bind_channel(world.now(), kPeer);
  world.run_for(2h);
  (void)world.take_events();
  world.client().send(world.now(), kPeer, as_octets("still"));
  world.run_for(100ms);
  BOOST_TEST((world.take_at_peer() == std::vector<std::string>{"203.0.113.9:4000 still"}));
}

BOOST_DATA_TEST_CASE(with_the_clients_stream_the_allocation_is_deleted, kStreams, transport) {
  World world = an_allocation(client_config(transport));
  world.server().handle_input(world.now(), StreamClosed{control_of(world), "reset"});
  world.drain();
  BOOST_TEST(world.server().allocations().empty());
  BOOST_TEST(world.events_named("turn:allocation_deleted") == 1);
}

BOOST_DATA_TEST_CASE(a_stream_that_is_refused_fails_the_allocation, kStreams, transport) {
  World world{client_config(transport)};
  world.refuse_streams = true;
  world.client().allocate(world.now());
  world.run_for(100ms);
  BOOST_TEST(world.take<AllocationFailed>().at(0).reason ==
             "no connection to the server: connection refused");
}

BOOST_DATA_TEST_CASE(closing_leaves_neither_allocation_nor_stream, kStreams, transport) {
  World world = an_allocation(client_config(transport));
  world.client().close(world.now());
  world.run_for(100ms);
  BOOST_TEST(world.take<Closed>().size() == 1u);
  BOOST_TEST(world.server().allocations().empty());
}

BOOST_AUTO_TEST_CASE(tls_hides_what_is_said_and_leaves_the_keys_in_the_trace) {
  auto world = an_allocation(client_config(ServerTransport::Tls));
  Bytes wire;
  for (const auto& sent : world.from_client)
    wire.insert(wire.end(), sent.bytes.begin(), sent.bytes.end());
  BOOST_TEST(as_text(wire).find("alice") == std::string_view::npos);
  BOOST_TEST(world.events_named("tls:key_log") > 0);
  BOOST_TEST(world.events_named("tls:connected") == 2);  // of both sides
}

BOOST_AUTO_TEST_CASE(a_server_with_another_certificate_is_not_spoken_to) {
  SeededRng rng{9};
  auto server = server_config();
  server.identity = tls::Identity::self_signed(rng, {"turn.example.org"});
  World world{client_config(ServerTransport::Tls), server};
  world.client().allocate(world.now());
  world.run_for(1s);
  BOOST_TEST(world.take<AllocationFailed>().at(0).reason ==
             "TLS failed: the certificate is refused: self-signed certificate");
  BOOST_TEST(world.server().allocations().empty());
}

BOOST_DATA_TEST_CASE(what_is_no_stun_ends_the_stream, kStreams, transport) {
  World world;
  const auto& server = transport == ServerTransport::Tls ? kTlsServer : kServer;
  const Path path{Transport::Tcp, server, *Endpoint::parse("192.0.2.77:1234")};
  world.server().handle_input(world.now(), StreamOpened{std::nullopt, path});
  world.server().handle_input(world.now(), Received{path, as_octets("SSH-2.0-OpenSSH_9.2\r\n")});
  world.drain();
  BOOST_TEST((world.closed_streams == std::vector{path}));
}

BOOST_DATA_TEST_CASE(one_seed_makes_one_history, kAll, transport) {
  const auto play = [&] {
    World world = a_permission(client_config(transport));
    world.run_for(1h);
    Bytes all;
    for (const auto* const list : {&world.from_client, &world.from_server}) {
      for (const auto& sent : *list) all.insert(all.end(), sent.bytes.begin(), sent.bytes.end());
    }
    return to_hex(all);
  };
  BOOST_TEST((play() == play()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::turn
