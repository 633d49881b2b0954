// What holds for all requests, asked by hand; and Refresh.
#include "tests/agents/turn/talk.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

namespace rtclab::turn {
namespace {

namespace data = boost::unit_test::data;
namespace error = stun::error;
using namespace std::chrono_literals;

static_assert(Agent<Server>);

BOOST_AUTO_TEST_SUITE(turn_server_general)

BOOST_AUTO_TEST_CASE(without_an_allocation_requests_are_437_and_the_rest_is_silence) {
  Talk talk;
  for (const auto method : {Method::Refresh, Method::CreatePermission, Method::ChannelBind}) {
    const auto bare = talk.push(stun::seal(talk.request(method)));
    BOOST_TEST(Message::parse(bare.at(0).bytes)->find<stun::ErrorCode>()->code ==
               error::kAllocationMismatch);
  }
  (void)talk.ask(talk.allocate_request(),
                 kSecondClient);  // alice knows a nonce now, of another address
  BOOST_TEST(talk.code_of(talk.request(Method::Refresh)) == error::kAllocationMismatch);
  BOOST_TEST(talk.push(stun::seal(talk.send_indication(kPeer, "x"))).empty());
  BOOST_TEST(talk.push(ChannelData{0x4000, as_octets("x")}.serialize()).empty());
}

BOOST_AUTO_TEST_CASE(another_user_on_the_5_tuple_is_441) {
  Talk talk;
  talk.allocate();
  stun::LongTermClient bob{"bob", "hidden"};
  // Bob has to learn a nonce first, which an Allocate gets him.
  BOOST_TEST(talk.ask_as(bob, talk.allocate_request()).find<stun::ErrorCode>()->code ==
             error::kAllocationMismatch);
  for (const auto& message : {talk.request(Method::Refresh), talk.permission_request(kPeer),
                              talk.bind_request(0x4000, kPeer)}) {
    BOOST_TEST(talk.ask_as(bob, message).find<stun::ErrorCode>()->code == error::kWrongCredentials);
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_password_is_401_again) {
  Talk talk;
  stun::LongTermClient guesser{"alice", "guess"};
  BOOST_TEST(talk.ask_as(guesser, talk.allocate_request()).find<stun::ErrorCode>()->code ==
             error::kUnauthenticated);
}

BOOST_AUTO_TEST_CASE(a_nonce_goes_stale_after_an_hour) {
  Talk talk;
  talk.allocate();
  talk.now += 590s;
  BOOST_TEST(talk.code_of(talk.request(Method::Refresh).add(stun::Lifetime{3600})) == 0);
  talk.now = kStart + 1h;
  const auto replies = talk.push(talk.alice.seal(talk.request(Method::Refresh), false));
  const auto response = *Message::parse(replies.at(0).bytes);
  BOOST_TEST(response.find<stun::ErrorCode>()->code == error::kStaleNonce);
  BOOST_TEST(response.has<stun::Realm>());
  BOOST_TEST(response.has<stun::PasswordAlgorithms>());
}

BOOST_AUTO_TEST_CASE(binding_is_answered_without_credentials) {
  Talk talk;
  const auto replies = talk.push(stun::seal(talk.request(Method::Binding)));
  const auto response = *Message::parse(replies.at(0).bytes);
  BOOST_TEST((response.find<stun::XorMappedAddress>()->endpoint == kClient));

  const auto change =
      talk.push(stun::seal(talk.request(Method::Binding).add(stun::ChangeRequest{true, true})));
  BOOST_TEST(Message::parse(change.at(0).bytes)->find<stun::ErrorCode>()->code ==
             error::kUnknownAttribute);
}

BOOST_AUTO_TEST_CASE(indications_of_binding_are_silent_unless_told_otherwise) {
  Talk talk;
  auto indication = talk.request(Method::Binding);
  indication.cls = Class::Indication;
  BOOST_TEST(talk.push(stun::seal(indication)).empty());

  Talk deviant{with(
      [](Server::Config& config) { config.deviations.add(Deviation::StunAnswerIndications); })};
  BOOST_TEST(deviant.push(stun::seal(indication)).size() == 1u);
}

BOOST_AUTO_TEST_CASE(responses_to_signed_requests_are_signed_and_hold_no_credentials) {
  Talk talk;
  talk.allocate();
  for (const auto& message : {talk.request(Method::Refresh), talk.permission_request(kV6Peer)}) {
    const auto response = talk.ask(message);
    BOOST_TEST(response.has<stun::MessageIntegritySha256>());
    for (const auto type :
         {stun::AttributeType::Username, stun::AttributeType::Realm, stun::AttributeType::Nonce}) {
      BOOST_TEST(!response.has(type));
    }
  }
}

BOOST_AUTO_TEST_CASE(noise_on_every_socket_is_no_crash) {
  Talk talk;
  const auto relayed = talk.allocate();
  talk.permit(kPeer);
  talk.bind(0x4000, kPeer);
  SeededRng rng{4};
  const std::vector<Bytes> seeds{talk.alice.seal(talk.permission_request(kPeer), true),
                                 talk.alice.seal(talk.bind_request(0x4001, kPeer), false),
                                 stun::seal(talk.send_indication(kPeer, "hello")),
                                 ChannelData{0x4000, as_octets("hello")}.serialize()};
  for (int i = 0; i < 4000; ++i) {
    auto octets = seeds[rng.below(seeds.size())];
    for (std::uint64_t k = 0; k <= rng.below(4); ++k)
      octets[rng.below(octets.size())] = static_cast<std::byte>(rng.next());
    if (rng.below(3) == 0) octets.resize(rng.below(octets.size()));
    (void)talk.push(octets);
    (void)talk.push(octets, kPeer, relayed);
  }
  BOOST_TEST(talk.server.allocations().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(turn_server_refresh)

BOOST_AUTO_TEST_CASE(prolongs_from_now) {
  Talk talk;
  talk.allocate();
  talk.now += 500s;
  const auto response = talk.ask(talk.request(Method::Refresh).add(stun::Lifetime{700}));
  BOOST_TEST(response.find<stun::Lifetime>()->value == 700u);
  BOOST_TEST((talk.server.allocations().begin()->second.expires() == kStart + 1200s));
}

BOOST_AUTO_TEST_CASE(with_zero_it_deletes_at_once) {
  Talk talk;
  const auto relayed = talk.allocate();
  talk.permit(kPeer);
  const auto response = talk.ask(talk.request(Method::Refresh).add(stun::Lifetime{0}));
  BOOST_TEST((response.cls == Class::Success));
  BOOST_TEST(response.find<stun::Lifetime>()->value == 0u);
  BOOST_TEST((talk.closed == std::vector{relayed}));
  BOOST_TEST((talk.peer_sends(relayed, kPeer) == Dress::None));
  BOOST_TEST(talk.code_of(talk.request(Method::Refresh)) == error::kAllocationMismatch);
}

BOOST_AUTO_TEST_CASE(of_another_family_is_443) {
  Talk talk;
  talk.allocate();
  const auto family = [&](stun::FamilyCode code) {
    return talk.code_of(talk.request(Method::Refresh).add(stun::RequestedAddressFamily{code}));
  };
  BOOST_TEST(family(stun::FamilyCode::V6) == error::kPeerAddressFamilyMismatch);
  BOOST_TEST(family(stun::FamilyCode::V4) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::turn
