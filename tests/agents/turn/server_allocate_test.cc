// Allocate, asked by hand: every rule of RFC 8656 §7.2 that refuses, grants or lets lapse.
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

BOOST_AUTO_TEST_SUITE(turn_server_allocate)

BOOST_AUTO_TEST_CASE(success_holds_what_rfc_8656_lists) {
  Talk talk;
  const auto response = talk.ask(talk.allocate_request());

  const auto relayed = response.find<stun::XorRelayedAddress>()->endpoint;
  BOOST_TEST((relayed.ip == kServer.ip));
  BOOST_TEST(relayed.port.value() >= 49152);
  BOOST_TEST((response.find<stun::XorMappedAddress>()->endpoint == kClient));
  BOOST_TEST(response.find<stun::Lifetime>()->value == 600u);
  BOOST_TEST(response.find<stun::Software>()->value == "rtclab");
  BOOST_TEST((talk.opened.back() == relayed));
}

BOOST_AUTO_TEST_CASE(a_bare_request_is_401) {
  Talk talk;
  const auto replies = talk.push(stun::seal(talk.allocate_request()));
  const auto response = *Message::parse(replies.at(0).bytes);
  BOOST_TEST(response.find<stun::ErrorCode>()->code == error::kUnauthenticated);
  BOOST_TEST(response.has<stun::Realm>());
  BOOST_TEST(response.has<stun::Nonce>());
}

BOOST_AUTO_TEST_CASE(a_second_one_on_the_5_tuple_is_437) {
  Talk talk;
  talk.allocate();
  BOOST_TEST(talk.code_of(talk.allocate_request()) == error::kAllocationMismatch);
}

BOOST_AUTO_TEST_CASE(a_resend_is_answered_alike_and_makes_no_second_one) {
  Talk talk;
  stun::LongTermClient& alice = talk.alice;
  const auto challenge = talk.push(stun::seal(talk.allocate_request())).at(0).bytes;
  (void)alice.receive(*Message::parse(challenge), challenge, false);
  const auto octets = alice.seal(talk.allocate_request(), false);

  const auto first = *Message::parse(talk.push(octets).at(0).bytes);
  talk.now += 10s;
  const auto second = *Message::parse(talk.push(octets).at(0).bytes);

  BOOST_TEST((first.cls == Class::Success));
  BOOST_TEST((second.cls == Class::Success));
  BOOST_TEST((first.find<stun::XorRelayedAddress>() == second.find<stun::XorRelayedAddress>()));
  BOOST_TEST(second.find<stun::Lifetime>()->value == 590u);
  BOOST_TEST(talk.server.allocations().size() == 1u);
}

BOOST_AUTO_TEST_CASE(no_transport_is_400_a_bad_one_too_and_an_unknown_one_442) {
  Talk talk;
  BOOST_TEST(talk.code_of(talk.request(Method::Allocate)) == error::kBadRequest);
  auto malformed = talk.request(Method::Allocate);
  malformed.attributes.push_back({stun::AttributeType::RequestedTransport, Bytes(1)});
  BOOST_TEST(talk.code_of(malformed) == error::kBadRequest);
  BOOST_TEST(talk.code_of(talk.request(Method::Allocate).add(stun::RequestedTransport{33})) ==
             error::kUnsupportedTransportProtocol);
}

BOOST_AUTO_TEST_CASE(unknown_attributes_are_420_and_so_is_dont_fragment) {
  Talk talk;
  auto strange = talk.allocate_request();
  strange.attributes.push_back({stun::AttributeType{0x7eee}, {}});
  const auto response = talk.ask(strange);
  BOOST_TEST(response.find<stun::ErrorCode>()->code == error::kUnknownAttribute);
  BOOST_TEST((response.find<stun::UnknownAttributes>()->types ==
              std::vector{stun::AttributeType{0x7eee}}));

  const auto fragment = talk.ask(talk.allocate_request().add(stun::DontFragment{}));
  BOOST_TEST((fragment.find<stun::UnknownAttributes>()->types ==
              std::vector{stun::AttributeType::DontFragment}));
  BOOST_TEST(talk.server.allocations().empty());
}

BOOST_AUTO_TEST_CASE(a_family_it_lacks_is_440) {
  Talk talk;
  const auto v6 = stun::RequestedAddressFamily{stun::FamilyCode::V6};
  const auto strange = stun::RequestedAddressFamily{stun::FamilyCode{9}};
  BOOST_TEST(talk.code_of(talk.allocate_request().add(v6)) == error::kAddressFamilyNotSupported);
  BOOST_TEST(talk.code_of(talk.allocate_request().add(strange)) ==
             error::kAddressFamilyNotSupported);
}

BOOST_AUTO_TEST_CASE(families_and_tokens_that_exclude_each_other_are_400) {
  Talk talk;
  const auto v4 = stun::RequestedAddressFamily{stun::FamilyCode::V4};
  const auto more = stun::AdditionalAddressFamily{stun::FamilyCode::V6};
  BOOST_TEST(talk.code_of(talk.allocate_request().add(v4).add(more)) == error::kBadRequest);
  BOOST_TEST(talk.code_of(talk.allocate_request().add(
                 stun::AdditionalAddressFamily{stun::FamilyCode::V4})) == error::kBadRequest);
  BOOST_TEST(talk.code_of(talk.allocate_request().add(more).add(stun::EvenPort{true})) ==
             error::kBadRequest);
  const stun::ReservationToken token;
  BOOST_TEST(talk.code_of(talk.allocate_request().add(token).add(v4)) == error::kBadRequest);
  BOOST_TEST(talk.code_of(talk.allocate_request().add(token).add(stun::EvenPort{false})) ==
             error::kBadRequest);
  BOOST_TEST(talk.code_of(talk.allocate_request().add(token).add(more)) == error::kBadRequest);
}

BOOST_AUTO_TEST_CASE(a_second_family_is_granted_in_part) {
  Talk talk;
  const auto response =
      talk.ask(talk.allocate_request().add(stun::AdditionalAddressFamily{stun::FamilyCode::V6}));
  BOOST_TEST(response.find_all<stun::XorRelayedAddress>().size() == 1u);
  BOOST_TEST(response.find<stun::AddressErrorCode>()->code == error::kAddressFamilyNotSupported);
}

BOOST_AUTO_TEST_CASE(an_even_port_is_even_and_the_next_one_is_kept_for_30_s) {
  Talk talk;
  const auto response = talk.ask(talk.allocate_request().add(stun::EvenPort{true}));
  const auto relayed = response.find<stun::XorRelayedAddress>()->endpoint;
  const auto token = response.find<stun::ReservationToken>();
  BOOST_TEST(relayed.port.value() % 2 == 0);
  BOOST_REQUIRE(token.has_value());

  talk.now += 30s - 1ns;
  const auto second = talk.ask(talk.allocate_request().add(*token), kSecondClient);
  BOOST_TEST(second.find<stun::XorRelayedAddress>()->endpoint.port.value() ==
             relayed.port.value() + 1);

  stun::LongTermClient bob{"bob", "hidden"};
  const auto third = *Endpoint::parse("192.0.2.3:5000");
  BOOST_TEST(
      talk.ask_as(bob, talk.allocate_request().add(*token), third).find<stun::ErrorCode>()->code ==
      error::kInsufficientCapacity);
}

BOOST_AUTO_TEST_CASE(a_token_is_508_after_its_time) {
  Talk talk;
  const auto token =
      talk.ask(talk.allocate_request().add(stun::EvenPort{true})).find<stun::ReservationToken>();
  talk.now += 30s;
  BOOST_TEST(talk.code_of(talk.allocate_request().add(*token), kSecondClient) ==
             error::kInsufficientCapacity);
}

BOOST_AUTO_TEST_CASE(the_lifetime_is_what_was_asked_between_default_and_maximum) {
  for (const auto& [asked, granted] : {std::pair{10u, 600u}, std::pair{1200u, 1200u},
                                       std::pair{86400u, 3600u}, std::pair{0xffffffffu, 3600u}}) {
    Talk talk;
    const auto response = talk.ask(talk.allocate_request().add(stun::Lifetime{asked}));
    BOOST_TEST(response.find<stun::Lifetime>()->value == granted);
  }
}

BOOST_AUTO_TEST_CASE(ports_are_unique_random_and_run_out_with_508) {
  Talk talk{with([](Server::Config& config) {
    config.first_relay_port = Port{50000};
    config.last_relay_port = Port{50019};
  })};
  std::set<Endpoint> relayed;
  std::vector<std::uint16_t> order;
  for (std::uint16_t i = 0; i < 20; ++i) {
    const auto address = talk.allocate({kClient.ip, Port{static_cast<std::uint16_t>(6000 + i)}});
    relayed.insert(address);
    order.push_back(address.port.value());
  }
  BOOST_TEST(relayed.size() == 20u);
  BOOST_TEST(!std::ranges::is_sorted(order));
  BOOST_TEST(talk.code_of(talk.allocate_request()) == error::kInsufficientCapacity);

  talk.now += 600s;
  BOOST_TEST(talk.code_of(talk.allocate_request()) == 0);
}

BOOST_AUTO_TEST_CASE(a_port_that_cannot_be_had_is_passed_over_and_then_508) {
  Talk talk;
  talk.refuse_sockets = true;
  BOOST_TEST(talk.code_of(talk.allocate_request()) == error::kInsufficientCapacity);
  BOOST_TEST(std::set<Endpoint>(talk.opened.begin() + 3, talk.opened.end()).size() == 8u);

  talk.refuse_sockets = false;
  BOOST_TEST(talk.code_of(talk.allocate_request()) == 0);
}

BOOST_AUTO_TEST_CASE(a_user_over_quota_is_486) {
  Talk talk{with([](Server::Config& config) { config.allocations_per_user = 1; })};
  talk.allocate();
  BOOST_TEST(talk.code_of(talk.allocate_request(), kSecondClient) ==
             error::kAllocationQuotaReached);
  stun::LongTermClient bob{"bob", "hidden"};
  BOOST_TEST((talk.ask_as(bob, talk.allocate_request(), kSecondClient).cls == Class::Success));
}

BOOST_AUTO_TEST_CASE(a_server_that_redirects_says_300_and_where_to) {
  Talk talk{with(
      [](Server::Config& config) { config.alternate = Endpoint::parse("198.51.100.7:3478"); })};
  const auto response = talk.ask(talk.allocate_request());
  BOOST_TEST(response.find<stun::ErrorCode>()->code == error::kTryAlternate);
  BOOST_TEST(response.find<stun::AlternateServer>()->endpoint.to_string() == "198.51.100.7:3478");
}

BOOST_AUTO_TEST_CASE(an_allocation_ends_at_its_time_with_its_socket) {
  Talk talk;
  const auto relayed = talk.allocate();
  talk.permit(kPeer);
  talk.now += 299s;
  talk.permit(kPeer);
  talk.now = kStart + 600s - 1ns;
  talk.permit(kPeer);
  BOOST_TEST((talk.peer_sends(relayed, kPeer) == Dress::Indication));

  talk.now = kStart + 600s;
  talk.server.handle_timeout(talk.now);
  talk.drain();

  BOOST_TEST(talk.server.allocations().empty());
  BOOST_TEST((talk.closed == std::vector{relayed}));
  BOOST_TEST((talk.peer_sends(relayed, kPeer) == Dress::None));
  BOOST_TEST(!talk.server.next_wakeup().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::turn
