// RFC 8656 and the long-term credentials of RFC 8489: what clients ask and servers grant.
#include "tests/reports/judge/case.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::test {
namespace {

using enum Who;
using stun::Class;
using stun::Method;

const Endpoint kRelayed = *Endpoint::parse("192.0.2.1:50000");
const Endpoint kPeer = *Endpoint::parse("198.51.100.7:4000");

stun::Message request(Method method, unsigned number) {
  return message(Class::Request, method, number);
}

Bytes of(const stun::Message& content) {
  return stun::seal(content);
}

// An allocation of Alice's, granted at 1 s for ten minutes.
Case allocated(std::uint32_t lifetime = 600) {
  Case call;
  auto asks = request(Method::Allocate, 1).add(stun::RequestedTransport{});
  auto grants = message(Class::Success, Method::Allocate, 1)
                    .add(stun::XorRelayedAddress{kRelayed})
                    .add(stun::XorMappedAddress{kAlice})
                    .add(stun::Lifetime{lifetime});
  call.packet(980ms, Alice, Turn, of(asks)).packet(990ms, Turn, Alice, of(grants));
  return call;
}

Case& permit(Case& call, Duration at, unsigned number) {
  call.packet(at, Alice, Turn,
              of(request(Method::CreatePermission, number).add(stun::XorPeerAddress{kPeer})));
  return call.packet(at + kWay, Turn, Alice,
                     of(message(Class::Success, Method::CreatePermission, number)));
}

Case& bind_channel(Case& call, Duration at, unsigned number, std::uint16_t channel,
                   const Endpoint& peer = kPeer) {
  call.packet(at, Alice, Turn,
              of(request(Method::ChannelBind, number)
                     .add(stun::ChannelNumber{channel})
                     .add(stun::XorPeerAddress{peer})));
  return call.packet(at + kWay, Turn, Alice,
                     of(message(Class::Success, Method::ChannelBind, number)));
}

Bytes send(unsigned number) {
  return of(message(Class::Indication, Method::Send, number)
                .add(stun::XorPeerAddress{kPeer})
                .add(stun::Data{{std::byte{1}}}));
}
Bytes delivered(unsigned number) {
  return of(message(Class::Indication, Method::Data, number)
                .add(stun::XorPeerAddress{kPeer})
                .add(stun::Data{{std::byte{1}}}));
}
const Bytes kChannelData = from_hex("40000001 01");

BOOST_AUTO_TEST_SUITE(judge_turn)

BOOST_AUTO_TEST_CASE(an_allocate_request_names_its_transport_once) {
  BOOST_TEST(allocated().verdict("turn-8656-7.1-requested-transport") == "pass");
  BOOST_TEST(Case{}
                 .packet(1s, Alice, Turn, of(request(Method::Allocate, 1)))
                 .verdict("turn-8656-7.1-requested-transport") == "fail");
  BOOST_TEST(Case{}.verdict("turn-8656-7.1-requested-transport") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(two_ways_to_ask_for_a_family_exclude_each_other) {
  const auto with = [](auto... attributes) {
    auto asks = request(Method::Allocate, 1);
    (asks.add(attributes), ...);
    return Case{}.packet(1s, Alice, Turn, of(asks)).verdict("turn-8656-7.1-attributes-exclude");
  };
  const stun::RequestedAddressFamily one{stun::FamilyCode::V4};
  const stun::AdditionalAddressFamily two{stun::FamilyCode::V6};
  BOOST_TEST(with(one) == "pass");
  BOOST_TEST(with(one, two) == "fail");
  BOOST_TEST(with(stun::AdditionalAddressFamily{stun::FamilyCode::V4}) == "fail");
  BOOST_TEST(with(stun::ReservationToken{}, stun::EvenPort{}) == "fail");
  BOOST_TEST(with(stun::RequestedTransport{}) == "inconclusive");
}

BOOST_AUTO_TEST_CASE(an_allocation_is_used_only_while_it_lasts) {
  const auto used_at = [](Duration at) {
    auto call = allocated();
    permit(call, 2s, 2);
    call.packet(at, Alice, Turn, send(3));
    return call.verdict("turn-8656-8-refresh-before-expiry");
  };
  BOOST_TEST(used_at(601s) == "pass");
  BOOST_TEST(used_at(601s + 1ms) == "fail");
  BOOST_TEST(allocated().verdict("turn-8656-8-refresh-before-expiry") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(a_permission_and_a_channel_are_used_only_while_they_last) {
  auto call = allocated(3600);
  permit(call, 980ms, 2);
  call.packet(300s, Alice, Turn, send(3));
  BOOST_TEST(call.verdict("turn-8656-9-permission-refresh") == "pass");
  call.packet(301s + 1ms, Alice, Turn, send(4));
  BOOST_TEST(call.verdict("turn-8656-9-permission-refresh") == "fail");

  auto channel = allocated(3600);
  bind_channel(channel, 980ms, 2, 0x4000);
  channel.packet(600s, Alice, Turn, kChannelData);
  BOOST_TEST(channel.verdict("turn-8656-12.1-channel-refresh") == "pass");
  channel.packet(601s + 1ms, Alice, Turn, kChannelData);
  BOOST_TEST(channel.verdict("turn-8656-12.1-channel-refresh") == "fail");
}

BOOST_AUTO_TEST_CASE(channel_data_waits_for_the_binding) {
  auto early = allocated();
  early.packet(2s, Alice, Turn, kChannelData);
  BOOST_TEST(early.verdict("turn-8656-12.5-bound-first") == "fail");
  auto bound = allocated();
  bind_channel(bound, 2s, 2, 0x4000);
  bound.packet(3s, Alice, Turn, kChannelData);
  BOOST_TEST(bound.verdict("turn-8656-12.5-bound-first") == "pass");
}

BOOST_AUTO_TEST_CASE(a_channel_has_its_range_and_one_peer) {
  auto call = allocated();
  bind_channel(call, 2s, 2, 0x4000);
  bind_channel(call, 400s, 3, 0x4000);  // renewed
  BOOST_TEST(call.verdict("turn-8656-12-channel-unique") == "pass");
  BOOST_TEST(call.verdict("turn-8656-12-channel-range") == "pass");
  auto moved = call;
  bind_channel(moved, 401s, 4, 0x4001);
  BOOST_TEST(moved.verdict("turn-8656-12-channel-unique") == "fail");
  auto shared = call;
  bind_channel(shared, 401s, 4, 0x4000, kBob);
  BOOST_TEST(shared.verdict("turn-8656-12-channel-unique") == "fail");
  bind_channel(call, 402s, 5, 0x5000, kBob);
  BOOST_TEST(call.verdict("turn-8656-12-channel-range") == "fail");
}

// RFC 8656 §12: ten minutes of the binding, and five of waiting, from its last request on.
BOOST_AUTO_TEST_CASE(a_channel_that_has_ended_waits_five_minutes_for_another_peer) {
  auto call = allocated(3600);
  bind_channel(call, 2s, 2, 0x4000);
  bind_channel(call, 400s, 3, 0x4000);  // renewed
  auto early = call;
  bind_channel(early, 1300s - 1ns, 4, 0x4000, kBob);
  BOOST_TEST(early.verdict("turn-8656-12-channel-unique") == "fail");
  auto another_number = call;
  bind_channel(another_number, 1300s - 1ns, 4, 0x4001);
  BOOST_TEST(another_number.verdict("turn-8656-12-channel-unique") == "fail");
  bind_channel(call, 1300s, 4, 0x4000, kBob);
  bind_channel(call, 1300s, 5, 0x4001);
  BOOST_TEST(call.verdict("turn-8656-12-channel-unique") == "pass");
}

BOOST_AUTO_TEST_CASE(reserved_octets_are_zero) {
  auto good = allocated();
  BOOST_TEST(good.verdict("turn-8656-18.1-reserved-zero") == "pass");
  auto odd = request(Method::Allocate, 2);
  odd.attributes.push_back({stun::RequestedTransport::kType, from_hex("11000001")});
  good.packet(2s, Alice, Turn, of(odd));
  BOOST_TEST(good.verdict("turn-8656-18.1-reserved-zero") == "fail");
}

BOOST_AUTO_TEST_CASE(requests_and_indications_have_what_they_need) {
  auto call = allocated();
  permit(call, 2s, 2);
  call.packet(3s, Alice, Turn, send(3));
  BOOST_TEST(call.verdict("turn-8656-10.1-cp-peer-attr") == "pass");
  BOOST_TEST(call.verdict("turn-8656-11.1-send-attrs") == "pass");
  call.packet(4s, Alice, Turn, of(request(Method::CreatePermission, 4)));
  call.packet(5s, Alice, Turn,
              of(message(Class::Indication, Method::Send, 5).add(stun::XorPeerAddress{kPeer})));
  BOOST_TEST(call.verdict("turn-8656-10.1-cp-peer-attr") == "fail");
  BOOST_TEST(call.verdict("turn-8656-11.1-send-attrs") == "fail");
}

BOOST_AUTO_TEST_CASE(who_closes_deletes_its_allocation) {
  const auto close = [](bool deletes) {
    auto call = allocated();
    call.event(10s, Alice, "api:call", {{"method", std::string{"close"}}});
    if (deletes)
      call.packet(10s, Alice, Turn, of(request(Method::Refresh, 9).add(stun::Lifetime{0})));
    return call.verdict("turn-8656-8-delete-when-done");
  };
  BOOST_TEST(close(true) == "pass");
  BOOST_TEST(close(false) == "advice");
  BOOST_TEST(allocated().verdict("turn-8656-8-delete-when-done") == "inconclusive");
}

// --- servers ---

BOOST_AUTO_TEST_CASE(a_grant_is_whole_and_lasts) {
  BOOST_TEST(allocated().verdict("turn-8656-7.2-lifetime-grant") == "pass");
  BOOST_TEST(allocated(60).verdict("turn-8656-7.2-lifetime-grant") == "advice");
  BOOST_TEST(allocated().verdict("turn-8656-7.2-success-attrs") == "pass");
  BOOST_TEST(allocated().verdict("turn-8656-7.2-port-range") == "pass");
  Case call;
  call.packet(1s, Alice, Turn, of(request(Method::Allocate, 1)));
  call.packet(1010ms, Turn, Alice,
              of(message(Class::Success, Method::Allocate, 1)
                     .add(stun::XorRelayedAddress{*Endpoint::parse("192.0.2.1:1024")})
                     .add(stun::XorMappedAddress{kBob})
                     .add(stun::Lifetime{600})));
  BOOST_TEST(call.verdict("turn-8656-7.2-success-attrs") == "fail");
  BOOST_TEST(call.verdict("turn-8656-7.2-port-range") == "advice");
  BOOST_TEST(call.verdict("turn-8656-5-auth-required") == "fail");
  BOOST_TEST(call.verdict("stun-8489-9.2.4-lt-resp-signed") == "fail");
}

BOOST_AUTO_TEST_CASE(two_clients_get_two_relayed_addresses) {
  auto call = allocated();
  BOOST_TEST(call.verdict("turn-8656-6-relay-unique") == "pass");
  call.packet(2s, Bob, Turn, of(request(Method::Allocate, 7)));
  call.packet(2010ms, Turn, Bob,
              of(message(Class::Success, Method::Allocate, 7)
                     .add(stun::XorRelayedAddress{kRelayed})
                     .add(stun::Lifetime{600})));
  BOOST_TEST(call.verdict("turn-8656-6-relay-unique") == "fail");
}

Case refused(const stun::Message& error, Who client = Alice) {
  Case call;
  call.packet(1s, client, Turn, of(request(Method::Allocate, 1).add(stun::Nonce{"old"})));
  call.packet(1010ms, Turn, client, of(error));
  return call;
}

stun::Message error_of(int code) {
  return message(Class::Error, Method::Allocate, 1).add(stun::ErrorCode::standard(code));
}

BOOST_AUTO_TEST_CASE(a_challenge_has_realm_and_nonce_and_a_stale_nonce_is_replaced) {
  const stun::Realm realm{"here"};
  BOOST_TEST(refused(error_of(401).add(realm).add(stun::Nonce{"n"}))
                 .verdict("stun-8489-9.2.4-lt-401-challenge") == "pass");
  BOOST_TEST(refused(error_of(401).add(realm)).verdict("stun-8489-9.2.4-lt-401-challenge") ==
             "fail");
  BOOST_TEST(
      refused(error_of(438).add(realm).add(stun::Nonce{"new"})).verdict("stun-8489-9.2.4-lt-438") ==
      "pass");
  BOOST_TEST(
      refused(error_of(438).add(realm).add(stun::Nonce{"old"})).verdict("stun-8489-9.2.4-lt-438") ==
      "fail");
  BOOST_TEST(refused(error_of(400)).verdict("stun-8489-9.2.4-lt-438") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(each_client_has_a_nonce_of_its_own) {
  auto call = refused(error_of(401).add(stun::Realm{"here"}).add(stun::Nonce{"one"}));
  BOOST_TEST(call.verdict("stun-8489-9.2.4-nonce-per-client") == "pass");
  call.packet(2s, Bob, Turn, of(request(Method::Allocate, 2)));
  call.packet(2010ms, Turn, Bob,
              of(message(Class::Error, Method::Allocate, 2)
                     .add(stun::ErrorCode::standard(401))
                     .add(stun::Nonce{"one"})));
  BOOST_TEST(call.verdict("stun-8489-9.2.4-nonce-per-client") == "fail");
}

BOOST_AUTO_TEST_CASE(after_a_challenge_requests_carry_what_it_told) {
  const auto retried = [](const stun::Message& again) {
    auto call = refused(error_of(401).add(stun::Realm{"here"}).add(stun::Nonce{"n"}));
    call.packet(1030ms, Alice, Turn, sealed(again, "key"));
    return call.verdict("stun-8489-9.2.3.2-lt-subsequent");
  };
  const auto base = request(Method::Allocate, 2).add(stun::Username{"alice"}).add(stun::Nonce{"n"});
  auto whole = base;
  auto foreign = base;
  BOOST_TEST(retried(whole.add(stun::Realm{"here"})) == "pass");
  BOOST_TEST(retried(foreign.add(stun::Realm{"there"})) == "fail");
  BOOST_TEST(retried(base) == "fail");
}

BOOST_AUTO_TEST_CASE(only_permitted_peers_get_through_and_on_their_channel) {
  auto call = allocated();
  permit(call, 2s, 2);
  call.packet(3s, Turn, Alice, delivered(3));
  BOOST_TEST(call.verdict("turn-8656-9-perm-other-ip") == "pass");
  BOOST_TEST(call.verdict("turn-8656-11.3-data-ind") == "pass");
  BOOST_TEST(call.verdict("turn-8656-12.5-server-uses-channel") == "inconclusive");

  auto late = call;
  late.packet(302s + 11ms, Turn, Alice, delivered(4));
  BOOST_TEST(late.verdict("turn-8656-9-perm-other-ip") == "fail");

  auto stranger = allocated();
  stranger.packet(3s, Turn, Alice, delivered(3));
  BOOST_TEST(stranger.verdict("turn-8656-9-perm-other-ip") == "fail");

  bind_channel(call, 4s, 5, 0x4000);
  call.packet(5s, Turn, Alice, delivered(6));
  BOOST_TEST(call.verdict("turn-8656-12.5-server-uses-channel") == "fail");
}

BOOST_AUTO_TEST_CASE(a_data_indication_names_its_peer) {
  auto call = allocated();
  call.packet(3s, Turn, Alice,
              of(message(Class::Indication, Method::Data, 3).add(stun::Data{{std::byte{1}}})));
  BOOST_TEST(call.verdict("turn-8656-11.3-data-ind") == "fail");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
