// Faults that a client or server can be told to have: each shows where a checker would look.
#include "agents/stun/integrity.h"
#include "tests/agents/turn/talk.h"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

namespace rtclab::turn {
namespace {

namespace error = stun::error;
using namespace std::chrono_literals;

Config client_that(Deviation deviation, ServerTransport transport = ServerTransport::Udp) {
  auto config = client_config(transport);
  config.deviations.add(deviation);
  return config;
}
Server::Config server_that(Deviation deviation) {
  return with([&](Server::Config& config) { config.deviations.add(deviation); });
}

// What became of a client's Allocate.
World asked(Config client, Server::Config server = server_config()) {
  World world{std::move(client), std::move(server)};
  world.client().allocate(world.now());
  world.run_for(1s);
  return world;
}

BOOST_AUTO_TEST_SUITE(turn_deviations)

BOOST_AUTO_TEST_CASE(no_requested_transport) {
  auto world = asked(client_that(Deviation::TurnNoRequestedTransport));
  for (const auto& request : world.requests(Method::Allocate))
    BOOST_TEST(!request.has<stun::RequestedTransport>());
  BOOST_TEST(world.take<AllocationFailed>().at(0).code == error::kBadRequest);
}

BOOST_AUTO_TEST_CASE(both_families) {
  auto world = asked(client_that(Deviation::TurnBothFamilies));
  const auto request = world.requests(Method::Allocate).at(0);
  BOOST_TEST(request.has<stun::RequestedAddressFamily>());
  BOOST_TEST(request.has<stun::AdditionalAddressFamily>());
  BOOST_TEST(world.take<AllocationFailed>().at(0).code == error::kBadRequest);
}

BOOST_AUTO_TEST_CASE(channel_out_of_range) {
  auto world = a_permission(client_that(Deviation::TurnChannelOutOfRange));
  world.client().bind_channel(world.now(), kPeer);
  world.run_for(100ms);
  const auto request = world.requests(Method::ChannelBind).at(0);
  BOOST_TEST(request.find<stun::ChannelNumber>()->value == 0x5000);
  BOOST_TEST(world.take<ChannelRefused>().at(0).code == error::kBadRequest);
}

BOOST_AUTO_TEST_CASE(channel_number_rffu) {
  auto world = a_permission(client_that(Deviation::TurnChannelNumberRffu));
  world.client().bind_channel(world.now(), kPeer);
  world.run_for(100ms);
  const auto request = world.requests(Method::ChannelBind).at(0);
  const auto* const attribute = request.find(stun::AttributeType::ChannelNumber);
  BOOST_TEST(to_hex(attribute->value) == "4000ffff");
  BOOST_TEST(world.take<ChannelBound>().size() == 1u);  // RFC 8656 §18.1: ignored by receivers
}

BOOST_AUTO_TEST_CASE(channel_data_unpadded) {
  auto world = a_permission(client_that(Deviation::TurnChannelDataUnpadded, ServerTransport::Tcp));
  world.client().bind_channel(world.now(), kPeer);
  world.run_for(100ms);
  world.client().send(world.now(), kPeer, as_octets("abcde"));
  world.drain();
  BOOST_TEST(world.from_client.back().bytes.size() == 9u);
}

BOOST_AUTO_TEST_CASE(same_credentials_again) {
  auto config = client_that(Deviation::TurnSameCredentialsAgain);
  config.password = "wrong";
  auto world = asked(config);
  BOOST_TEST(world.requests(Method::Allocate).size() == 5u);
  config.deviations = {};
  BOOST_TEST(asked(config).requests(Method::Allocate).size() == 2u);
}

BOOST_AUTO_TEST_CASE(reorder_password_algorithms) {
  auto world = asked(client_that(Deviation::TurnReorderPasswordAlgorithms));
  const auto offered = world.responses(Method::Allocate).at(0).find<stun::PasswordAlgorithms>();
  const auto returned = world.requests(Method::Allocate).at(1).find<stun::PasswordAlgorithms>();
  BOOST_TEST((offered != returned));
  BOOST_TEST(!world.client().relayed().has_value());
}

BOOST_AUTO_TEST_CASE(follow_redirect_loop) {
  const auto loop = with([](Server::Config& config) { config.alternate = kServer; });
  auto world = asked(client_that(Deviation::TurnFollowRedirectLoop), loop);
  BOOST_TEST(world.events_named("turn:redirected") == 8);
  BOOST_TEST(world.take<AllocationFailed>().at(0).code == error::kTryAlternate);
}

BOOST_AUTO_TEST_CASE(resend_over_stream) {
  World world{client_that(Deviation::StunResendOverStream, ServerTransport::Tcp)};
  world.client().allocate(world.now());
  world.run_for(15ms);
  const Path path{Transport::Tcp, {kClient.ip, Port{40000}}, kServer};
  world.client().handle_input(world.now(), StreamOpened{0, path});
  world.drain();
  const auto first = world.from_client;
  world.client().handle_timeout(world.now() + 500ms);
  world.drain();
  BOOST_TEST_REQUIRE(first.size() == 1u);
  BOOST_TEST_REQUIRE(world.from_client.size() == 2u);
  BOOST_TEST((world.from_client[1].bytes == first[0].bytes));
}

BOOST_AUTO_TEST_CASE(credentials_in_first_request) {
  auto world = an_allocation(client_that(Deviation::TurnCredentialsInFirstRequest));
  BOOST_TEST(world.requests(Method::Allocate)[0].find<stun::Username>()->value == "alice");
}

BOOST_AUTO_TEST_CASE(send_without_permission) {
  auto world = an_allocation(client_that(Deviation::TurnSendWithoutPermission));
  world.client().send(world.now(), kPeer, as_octets("x"));
  world.run_for(100ms);
  BOOST_TEST(world.requests(Method::Send).size() == 1u);
  BOOST_TEST(world.take_at_peer().empty());
  BOOST_TEST(world.events_named("turn:datagram_dropped") == 1);
}

BOOST_AUTO_TEST_CASE(keep_stale_nonce) {
  auto server = server_config();
  server.nonce_lifetime = 30s;
  auto world = an_allocation(client_that(Deviation::TurnKeepStaleNonce), server);
  world.run_for(1min);
  world.client().create_permission(world.now(), kPeer.ip);
  world.run_for(1s);

  BOOST_TEST(world.take<PermissionRefused>().at(0).code == stun::error::kStaleNonce);
  const auto requests = world.requests(Method::CreatePermission);
  BOOST_TEST(requests.front().find<stun::Nonce>()->value ==
             requests.back().find<stun::Nonce>()->value);
}

BOOST_AUTO_TEST_CASE(resend_after_response) {
  auto world = an_allocation(client_that(Deviation::StunResendAfterResponse));
  world.run_for(5s);
  const auto requests = world.requests(Method::Allocate);
  BOOST_REQUIRE(requests.size() == 4u);
  BOOST_TEST((requests[0] == requests[2]));
  BOOST_TEST((requests[1] == requests[3]));
  BOOST_TEST(world.client().relayed().has_value());
}

BOOST_AUTO_TEST_CASE(reuse_transaction_id) {
  World world{client_that(Deviation::StunReuseTransactionId)};
  world.client().allocate(world.now());
  world.run_for(5s);
  const auto requests = world.requests(Method::Allocate);
  BOOST_REQUIRE(requests.size() >= 2u);
  BOOST_TEST((requests[0].transaction == requests[1].transaction));
  BOOST_TEST((requests[0] != requests[1]));
}

// --- servers ---

BOOST_AUTO_TEST_CASE(challenge_without_nonce) {
  auto world = asked(client_config(), server_that(Deviation::TurnChallengeWithoutNonce));
  BOOST_TEST(!world.responses(Method::Allocate).at(0).has<stun::Nonce>());
  BOOST_TEST(world.take<AllocationFailed>().at(0).code == error::kUnauthenticated);
}

BOOST_AUTO_TEST_CASE(one_nonce_for_all) {
  const auto nonces = [](const Server::Config& config) {
    Talk talk{config};
    std::set<std::string> found;
    for (const auto& client : {kClient, kSecondClient}) {
      const auto replies = talk.push(stun::seal(talk.allocate_request()), client);
      found.insert(Message::parse(replies.at(0).bytes)->find<stun::Nonce>()->value);
    }
    return found.size();
  };
  BOOST_TEST(nonces(server_that(Deviation::TurnOneNonceForAll)) == 1u);
  BOOST_TEST(nonces(server_config()) == 2u);
}

BOOST_AUTO_TEST_CASE(no_mapped_address) {
  auto world = asked(client_config(), server_that(Deviation::TurnNoMappedAddress));
  BOOST_TEST(!world.responses(Method::Allocate).at(1).has<stun::XorMappedAddress>());
  BOOST_TEST(world.take<AllocationFailed>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(low_relay_ports) {
  auto world = an_allocation(client_config(), server_that(Deviation::TurnLowRelayPorts));
  BOOST_TEST(world.client().relayed()->port.value() >= 5000);
  BOOST_TEST(world.client().relayed()->port.value() < 6000);
}

BOOST_AUTO_TEST_CASE(relay_without_permission) {
  Talk talk{server_that(Deviation::TurnRelayWithoutPermission)};
  const auto relayed = talk.allocate();
  BOOST_TEST((talk.peer_sends(relayed, kStranger) == Talk::Dress::Indication));
}

BOOST_AUTO_TEST_CASE(no_channel_to_client) {
  Talk talk{server_that(Deviation::TurnNoChannelToClient)};
  const auto relayed = talk.allocate();
  talk.bind(kFirstChannel, kPeer);
  BOOST_TEST((talk.peer_sends(relayed, kPeer) == Talk::Dress::Indication));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::turn
