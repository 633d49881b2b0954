// Relays that are reached over TCP and TLS.
#include "tests/agents/ice/call.h"
#include "tests/agents/ice/wire.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::ice {
namespace {

using namespace test;
namespace data = boost::unit_test::data;
using turn::ServerTransport;

const std::vector<ServerTransport> kStreams{ServerTransport::Tcp, ServerTransport::Tls};

// a's network lets no UDP out.
struct Filtered : Call {
  explicit Filtered(ServerTransport transport)
      : Call{{.has_stun = false, .has_turn = true, .turn_transports = {transport}}} {
    world.drops = [this](const Datagram& datagram) {
      return datagram.transport == Transport::Udp &&
             (datagram.sender == a->machine || datagram.destination.ip == a->machine->addresses[0]);
    };
  }
};

BOOST_AUTO_TEST_SUITE(ice_turn_transport)

BOOST_DATA_TEST_CASE(a_relay_is_reached_where_no_udp_passes, data::xrange(kStreams.size()), row) {
  Filtered call{kStreams[row]};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  const auto pair = *call.a->agent.selected_pair(call.a->stream);
  BOOST_TEST((pair.local.type == CandidateType::Relayed));
  BOOST_TEST((pair.local.transport == Transport::Udp));
  BOOST_TEST(call.passes(*call.a, *call.b));
  BOOST_TEST(call.passes(*call.b, *call.a));
}

BOOST_AUTO_TEST_CASE(the_url_says_how_the_server_is_reached) {
  Call call{
      {.has_turn = true,
       .turn_transports = {ServerTransport::Tls, ServerTransport::Tcp, ServerTransport::Udp}}};
  call.gather(*call.a);
  call.world.run_for(3s);
  std::vector<std::string> urls;
  std::vector<std::uint32_t> priorities;
  for (const auto& candidate : call.a->candidates) {
    if (candidate.type != CandidateType::Relayed) continue;
    urls.push_back(candidate.url);
    priorities.push_back(candidate.priority.value());
  }
  std::ranges::sort(urls);
  BOOST_TEST((urls == std::vector<std::string>{"turn:turn.example.org:3478?transport=tcp",
                                               "turn:turn.example.org:3478?transport=udp",
                                               "turns:turn.example.org:5349?transport=tcp"}));
  std::ranges::sort(priorities);
  BOOST_TEST((std::ranges::adjacent_find(priorities) == priorities.end()));
}

// Whatever the order of the configuration: less delay first.
BOOST_AUTO_TEST_CASE(a_relay_over_udp_ranks_above_one_over_tcp_or_tls) {
  Call call{
      {.has_turn = true,
       .turn_transports = {ServerTransport::Tls, ServerTransport::Tcp, ServerTransport::Udp}}};
  call.gather(*call.a);
  call.world.run_for(3s);
  const auto best = std::ranges::max_element(call.a->candidates, {}, [](const Candidate& each) {
    return each.type == CandidateType::Relayed ? each.priority.value() : 0;
  });
  BOOST_TEST(best->url.ends_with("transport=udp"));
}

// RFC 6544 §11.2: what is lost with the connection is the allocation.
BOOST_DATA_TEST_CASE(losing_the_connection_loses_the_relay_and_a_restart_brings_it_back,
                     data::xrange(kStreams.size()), row) {
  Filtered call{kStreams[row]};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());

  call.world.reset_connections(*call.a->machine);
  BOOST_TEST((call.a->state() == State::Failed));
  BOOST_TEST(!call.a->agent.send(call.world.now(), call.a->stream, to_octets("\x16")));

  for (auto* side : {call.a.get(), call.b.get()}) {
    side->agent.restart(call.world.now(), side->stream);
    call.world.drain(*side->machine);
  }
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  BOOST_TEST(call.passes(*call.a, *call.b));
}

BOOST_DATA_TEST_CASE(closing_frees_the_allocation_and_the_connection, data::xrange(kStreams.size()),
                     row) {
  Filtered call{kStreams[row]};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  call.a->agent.close(call.world.now());
  call.world.drain(*call.a->machine);
  call.world.run_for(5s);
  BOOST_TEST(call.world.connections_of(*call.a->machine) == 0u);
  BOOST_TEST(call.a->machine->sockets.empty());
  BOOST_TEST(!call.a->agent.next_wakeup().has_value());
}

BOOST_AUTO_TEST_CASE(an_hour_behind_tls_stays_connected) {
  Filtered call{ServerTransport::Tls};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  call.world.run_for(1h);
  BOOST_TEST(call.both(State::Completed));
  BOOST_TEST(call.passes(*call.a, *call.b));
}

// RFC 6062: the peer's TCP connection is joined with one of ours at the relay.
struct RelayedTcp : Call {
  explicit RelayedTcp(const TcpCandidates& peer) : Call{options_for(peer)} {
    world.drops = [](const Datagram& datagram) { return datagram.transport == Transport::Udp; };
  }
  static CallOptions options_for(const TcpCandidates& peer) {
    CallOptions options{
        .has_stun = false, .has_turn = true, .turn_transports = {ServerTransport::Tcp}};
    options.agent_a.tcp.relayed = true;
    options.agent_b.tcp = peer;
    return options;
  }
};
const std::vector<TcpCandidates> kPeers{{.active = true}, {.passive = true}};
BOOST_DATA_TEST_CASE(a_relay_accepts_and_makes_tcp_connections, data::xrange(kPeers.size()), row) {
  RelayedTcp call{kPeers[row]};
  call.start();
  BOOST_REQUIRE(call.run_until_completed(90s));
  const auto pair = *call.a->agent.selected_pair(call.a->stream);
  BOOST_TEST((pair.local.transport == Transport::Tcp));
  BOOST_TEST((pair.local.base.ip == *Ip::parse("198.51.100.2")));
  BOOST_TEST(call.passes(*call.a, *call.b));
  BOOST_TEST(call.passes(*call.b, *call.a));
  call.world.run_for(10min);
  BOOST_TEST(call.both(State::Completed));
  BOOST_TEST(call.passes(*call.b, *call.a));
}

BOOST_AUTO_TEST_CASE(relayed_tcp_candidates_are_one_that_waits_and_one_that_connects) {
  RelayedTcp call{{}};
  call.gather(*call.a);
  call.world.run_for(2s);
  std::vector<std::string> told;
  for (const auto& candidate : call.a->candidates) {
    if (candidate.type != CandidateType::Relayed || candidate.transport != Transport::Tcp) continue;
    BOOST_TEST((candidate.tcp_type == TcpType::Active) == (candidate.address.port == kDiscardPort));
    BOOST_TEST(candidate.address.ip.to_string() == "198.51.100.2");
    told.emplace_back(to_string(*candidate.tcp_type));
  }
  BOOST_TEST((told == std::vector<std::string>{"passive", "active"}));
}

// RFC 8656 §12: nobody needs the channel of a pair that is lost; it ends after its ten minutes.
BOOST_DATA_TEST_CASE(the_channel_of_a_pair_is_renewed_as_long_as_data_takes_it,
                     data::xrange(2), ending) {
  const bool is_lost = ending == 1;
  Call call{{.has_turn = true, .agent_a = {.policy = CandidatePolicy::Relay}}};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  call.world.run_for(1s);
  std::size_t binds = 0;
  call.world.drops = [&](const Datagram& datagram) {
    const auto message = stun::Message::parse(datagram.bytes);
    const bool is_bind = message && message->cls == stun::Class::Request &&
                         message->method == stun::Method::ChannelBind;
    if (is_bind && datagram.sender == call.a->machine) ++binds;
    return is_lost && datagram.sender == call.b->machine;
  };

  call.world.run_for(20min);

  BOOST_TEST((call.a->state() == State::Failed) == is_lost);
  BOOST_TEST(binds == (is_lost ? 0u : 2u));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
