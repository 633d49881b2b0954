// The client against the server, through hours of virtual time.
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"
#include "agents/turn/channel_data.h"
#include "tests/agents/turn/world.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::turn {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;
using stun::Class;
using stun::Message;
using stun::Method;

std::string text_of(const Data& event) {
  return event.peer.to_string() + " " + std::string{as_text(event.bytes)};
}

std::vector<std::string> texts(const std::vector<Data>& events) {
  std::vector<std::string> result;
  for (const auto& event : events) result.push_back(text_of(event));
  return result;
}

// The longest gap between two of `times`.
Duration longest_gap(const std::vector<Instant>& times) {
  Duration longest{};
  for (std::size_t i = 1; i < times.size(); ++i)
    longest = std::max<Duration>(longest, times[i] - times[i - 1]);
  return longest;
}

BOOST_AUTO_TEST_SUITE(turn_client)

BOOST_AUTO_TEST_CASE(allocates_after_one_challenge) {
  World world;
  world.client().allocate(world.now());
  world.run_for(100ms);

  const auto allocated = world.take<Allocated>();
  BOOST_REQUIRE(allocated.size() == 1u);
  BOOST_TEST((allocated[0].relayed.ip == kServer.ip));
  BOOST_TEST((allocated[0].mapped == kClient));
  BOOST_TEST((allocated[0].lifetime == Duration{600s}));
  const auto requests = world.requests(Method::Allocate);
  BOOST_REQUIRE(requests.size() == 2u);
  BOOST_TEST(!requests[0].has<stun::Username>());
  BOOST_TEST(!requests[0].has<stun::Realm>());
  BOOST_TEST(requests[1].has<stun::Username>());
  BOOST_TEST(requests[1].has<stun::MessageIntegritySha256>());
  BOOST_TEST((requests[0].transaction != requests[1].transaction));
  for (const auto& request : requests)
    BOOST_TEST(request.find<stun::RequestedTransport>()->protocol == 17);
}

BOOST_AUTO_TEST_CASE(asks_for_the_lifetime_it_is_told) {
  auto config = client_config();
  config.lifetime = 3600s;
  auto world = an_allocation(config);
  BOOST_TEST(world.requests(Method::Allocate)[1].find<stun::Lifetime>()->value == 3600u);
  BOOST_TEST((world.server().allocations().begin()->second.expires() > world.now() + 3590s));
}

BOOST_AUTO_TEST_CASE(data_waits_for_the_permission_and_then_flows_both_ways) {
  auto world = an_allocation();
  world.client().send(world.now(), kPeer, as_octets("one"));
  world.client().send(world.now(), kPeer, as_octets("two"));
  BOOST_TEST(world.requests(Method::Send).empty());
  world.run_for(100ms);

  BOOST_TEST((world.take_at_peer() ==
              std::vector<std::string>{"203.0.113.9:4000 one", "203.0.113.9:4000 two"}));
  BOOST_TEST(world.requests(Method::CreatePermission).size() == 1u);
  world.peer_sends(kPeer, "three");
  world.peer_sends(kSamePeerOtherPort, "four");
  world.peer_sends(kStranger, "five");
  world.run_for(100ms);
  BOOST_TEST((texts(world.take<Data>()) ==
              std::vector<std::string>{"203.0.113.9:4000 three", "203.0.113.9:4001 four"}));
}

BOOST_AUTO_TEST_CASE(what_is_asked_before_the_allocation_stands_is_remembered) {
  World world;
  world.client().send(world.now(), kPeer, as_octets("early"));
  world.client().bind_channel(world.now(), kStranger);
  world.client().allocate(world.now());
  world.run_for(1s);

  BOOST_TEST((world.take_at_peer() == std::vector<std::string>{"203.0.113.9:4000 early"}));
  BOOST_TEST(world.client().has_permission(kStranger.ip));
  BOOST_TEST(world.client().channel(kStranger).has_value());
}

BOOST_AUTO_TEST_CASE(only_a_few_datagrams_wait) {
  auto world = an_allocation();
  for (int i = 0; i < 100; ++i) world.client().send(world.now(), kPeer, as_octets("x"));
  world.run_for(100ms);
  BOOST_TEST(world.take_at_peer().size() == 16u);
}

BOOST_AUTO_TEST_CASE(a_channel_carries_data_both_ways) {
  auto world = a_permission();
  world.client().bind_channel(world.now(), kPeer);
  world.run_for(100ms);
  BOOST_TEST((world.client().channel(kPeer) == kFirstChannel));

  world.client().send(world.now(), kPeer, as_octets("there"));
  world.client().send(world.now(), kPeer, {});
  world.run_for(20ms);
  world.peer_sends(kPeer, "and back");
  world.run_for(100ms);

  BOOST_TEST((world.take_at_peer() ==
              std::vector<std::string>{"203.0.113.9:4000 there", "203.0.113.9:4000 "}));
  BOOST_TEST((texts(world.take<Data>()) == std::vector<std::string>{"203.0.113.9:4000 and back"}));
  BOOST_TEST(world.requests(Method::Send).empty());
  BOOST_TEST(world.responses(Method::Data).empty());
}

BOOST_AUTO_TEST_CASE(everything_is_renewed_in_time_through_five_hours) {
  auto world = a_permission();
  world.client().bind_channel(world.now(), kPeer);
  world.client().create_permission(world.now(), kStranger.ip);
  world.run_for(1s);
  (void)world.take_events();
  for (int minute = 0; minute < 300; ++minute) {
    world.run_for(1min);
    world.client().send(world.now(), kPeer, as_octets("a"));
    world.client().send(world.now(), kStranger, as_octets("b"));
    world.peer_sends(kPeer, "c");
    world.peer_sends(kStranger, "d");
  }
  world.run_for(1s);

  BOOST_TEST(world.take_at_peer().size() == 600u);
  BOOST_TEST(world.take<Data>().size() == 600u);
  BOOST_TEST((longest_gap(world.request_times(Method::Refresh)) < Duration{600s}));
  BOOST_TEST((longest_gap(world.request_times(Method::ChannelBind)) < Duration{600s}));
  BOOST_TEST((longest_gap(world.request_times(Method::CreatePermission)) < Duration{300s}));
  BOOST_TEST(world.events_named("turn:permission_expired") == 0);
  BOOST_TEST(world.events_named("turn:channel_expired") == 0);
  // The nonce lives an hour: 438 and a fresh one, each hour, and nothing else goes wrong.
  BOOST_TEST(world.events_named("turn:request_retried") >= 5);
  BOOST_TEST(world.take<AllocationFailed>().empty());
}

BOOST_AUTO_TEST_CASE(a_lossy_path_costs_time_but_no_allocation) {
  auto world = an_allocation();
  SeededRng dice{7};
  world.lost = [&dice](const Path&, ByteView) { return dice.uniform() < 0.2; };
  world.client().create_permission(world.now(), kPeer.ip);
  world.client().bind_channel(world.now(), kPeer);
  world.run_for(2h);

  BOOST_TEST(world.take<AllocationFailed>().empty());
  BOOST_TEST(world.client().relayed().has_value());
  BOOST_TEST(world.client().channel(kPeer).has_value());
}

BOOST_AUTO_TEST_CASE(a_stale_nonce_is_replaced_without_anybody_noticing) {
  auto server = server_config();
  server.nonce_lifetime = 30s;
  auto world = an_allocation(client_config(), server);
  world.run_for(1min);
  world.client().create_permission(world.now(), kPeer.ip);
  world.run_for(100ms);

  BOOST_TEST(world.take<PermissionGranted>().size() == 1u);
  const auto requests = world.requests(Method::CreatePermission);
  BOOST_REQUIRE(requests.size() == 2u);
  BOOST_TEST(requests[0].find<stun::Nonce>()->value != requests[1].find<stun::Nonce>()->value);
  BOOST_TEST((requests[0].transaction != requests[1].transaction));
}

BOOST_AUTO_TEST_CASE(a_server_that_never_likes_its_own_nonce_is_given_up_on) {
  auto server = server_config();
  server.nonce_lifetime = Duration::zero();
  World world{client_config(), server};
  world.client().allocate(world.now());
  world.run_for(1min);

  const auto failed = world.take<AllocationFailed>();
  BOOST_REQUIRE(failed.size() == 1u);
  BOOST_TEST(failed[0].code == stun::error::kStaleNonce);
  BOOST_TEST(world.requests(Method::Allocate).size() == 5u);
}

BOOST_AUTO_TEST_CASE(a_wrong_password_is_tried_once) {
  auto config = client_config();
  config.password = "guess";
  World world{config};
  world.client().allocate(world.now());
  world.run_for(1min);

  const auto failed = world.take<AllocationFailed>();
  BOOST_REQUIRE(failed.size() == 1u);
  BOOST_TEST(failed[0].code == stun::error::kUnauthenticated);
  BOOST_TEST(world.requests(Method::Allocate).size() == 2u);
  BOOST_TEST(world.server().allocations().empty());
}

BOOST_AUTO_TEST_CASE(a_silent_server_is_asked_seven_times_and_reported_after_39_5_s) {
  World world;
  world.lost = [](const Path&, ByteView) { return true; };
  const auto start = world.now();
  world.client().allocate(world.now());
  world.run_for(39500ms - 1ns);
  BOOST_TEST(world.take_events().empty());
  world.run_for(1ns);

  BOOST_TEST(world.take<AllocationFailed>().size() == 1u);
  std::vector<Duration> offsets;
  for (const auto at : world.request_times(Method::Allocate)) offsets.push_back(at - start);
  BOOST_TEST(
      (offsets == std::vector<Duration>{0ms, 500ms, 1500ms, 3500ms, 7500ms, 15500ms, 31500ms}));
}

BOOST_AUTO_TEST_CASE(a_response_that_comes_after_the_end_changes_nothing) {
  World world;
  Bytes kept;
  world.lost = [&kept](const Path& path, ByteView bytes) {
    if (path.local == kServer && kept.empty()) kept.assign(bytes.begin(), bytes.end());
    return path.local == kServer;
  };
  world.client().allocate(world.now());
  world.run_for(1min);
  (void)world.take_events();

  BOOST_TEST(!world.client().handle_datagram(world.now(), kept));

  world.run_for(1min);
  BOOST_TEST(world.take_events().empty());
}

BOOST_AUTO_TEST_CASE(
    an_allocation_that_the_server_forgot_is_reported_once_and_nothing_more_is_sent) {
  auto world = a_permission();
  world.client().create_permission(world.now(), kStranger.ip);
  world.run_for(1s);
  (void)world.take_events();
  world.server().handle_input(world.now(), InterfaceDown{"eth0", kServer.ip});
  world.server().handle_input(world.now(), InterfaceUp{"eth0", kServer.ip});
  world.drain();
  world.run_for(5min);

  const auto failed = world.take<AllocationFailed>();
  BOOST_REQUIRE(failed.size() == 1u);
  BOOST_TEST(failed[0].code == stun::error::kAllocationMismatch);
  const auto sent = world.from_client.size();
  world.client().send(world.now(), kPeer, as_octets("x"));
  world.run_for(1h);
  BOOST_TEST(world.from_client.size() == sent);
}

BOOST_AUTO_TEST_CASE(a_server_that_falls_silent_costs_the_allocation_before_it_would_expire) {
  auto world = an_allocation();
  world.lost = [](const Path&, ByteView) { return true; };
  world.run_for(600s);
  BOOST_TEST(world.take<AllocationFailed>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(closing_deletes_the_allocation) {
  auto world = a_permission();
  world.client().close(world.now());
  world.run_for(100ms);

  BOOST_TEST(world.take<Closed>().size() == 1u);
  BOOST_TEST(world.server().allocations().empty());
  BOOST_TEST(world.requests(Method::Refresh).back().find<stun::Lifetime>()->value == 0u);
  BOOST_TEST(!world.client().next_wakeup().has_value());
  world.client().close(world.now());
  world.drain();
  BOOST_TEST(world.take_events().empty());
}

// The first answer to the deleting Refresh is lost; its resend meets 437, which is as good (RFC
// 8656 §8.3).
BOOST_AUTO_TEST_CASE(closing_twice_over_a_lossy_path_is_closing) {
  auto world = an_allocation();
  int answers = 0;
  world.lost = [&answers](const Path& path, ByteView) {
    return path.local == kServer && ++answers == 1;
  };
  world.client().close(world.now());
  world.run_for(2s);
  BOOST_TEST(world.take<Closed>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(closing_before_anything_was_asked_is_done_at_once) {
  World world;
  world.client().close(world.now());
  world.drain();
  BOOST_TEST(world.take<Closed>().size() == 1u);
  BOOST_TEST(world.from_client.empty());
}

BOOST_AUTO_TEST_CASE(closing_while_allocating_leaves_nothing_behind) {
  for (const auto when : {0ms, 5ms, 15ms, 25ms, 35ms, 45ms}) {
    World world;
    world.client().allocate(world.now());
    world.run_for(when);
    world.client().close(world.now());
    world.run_for(5s);
    BOOST_TEST(world.take<Closed>().size() == 1u);
    BOOST_TEST(world.server().allocations().empty());
  }
}

BOOST_AUTO_TEST_CASE(a_refused_permission_is_told_and_what_waited_is_dropped) {
  auto world = an_allocation();
  const auto loopback = *Endpoint::parse("127.0.0.1:80");
  world.client().send(world.now(), loopback, as_octets("x"));
  world.run_for(1min);

  const auto refused = world.take<PermissionRefused>();
  BOOST_REQUIRE(refused.size() == 1u);
  BOOST_TEST(refused[0].code == stun::error::kForbidden);
  world.client().send(world.now(), loopback, as_octets("x"));
  world.run_for(1min);
  BOOST_TEST(world.requests(Method::CreatePermission).size() == 1u);
  BOOST_TEST(world.take_at_peer().empty());
}

BOOST_AUTO_TEST_CASE(a_refused_channel_leaves_send_indications) {
  auto world = a_permission();
  auto& server = world.server();
  // Somebody bound our first number meanwhile: 400.
  auto& allocation = const_cast<Allocation&>(server.allocations().begin()->second);
  allocation.bind(world.now(), kFirstChannel, kStranger);

  world.client().bind_channel(world.now(), kPeer);
  world.run_for(100ms);
  world.client().send(world.now(), kPeer, as_octets("still"));
  world.run_for(100ms);

  BOOST_TEST(world.take<ChannelRefused>().at(0).code == stun::error::kBadRequest);
  BOOST_TEST((world.take_at_peer() == std::vector<std::string>{"203.0.113.9:4000 still"}));
}

BOOST_AUTO_TEST_CASE(no_more_than_ten_requests_are_under_way) {
  auto world = an_allocation();
  world.lost = [](const Path& path, ByteView) { return path.local == kServer; };
  for (unsigned i = 1; i <= 40; ++i)
    world.client().create_permission(world.now(), Ip::v4(0xcb007100u + i));
  world.drain();
  BOOST_TEST(world.requests(Method::CreatePermission).size() == 10u);

  world.lost = [](const Path&, ByteView) { return false; };
  world.run_for(2s);
  BOOST_TEST(world.take<PermissionGranted>().size() == 40u);
}

BOOST_AUTO_TEST_CASE(an_unreachable_peer_is_told) {
  auto world = a_permission();
  const auto relayed = *world.client().relayed();
  world.server().handle_input(world.now(), Unreachable{{Transport::Udp, relayed, kPeer}});
  world.server().handle_input(world.now(), Unreachable{{Transport::Udp, relayed, kStranger}});
  world.run_for(100ms);

  const auto told = world.take<PeerUnreachable>();
  BOOST_REQUIRE(told.size() == 1u);
  BOOST_TEST((told[0].peer == kPeer));
  BOOST_TEST(told[0].icmp_type == 3);
  BOOST_TEST(told[0].icmp_code == 3);
}

BOOST_AUTO_TEST_CASE(data_of_a_peer_it_never_asked_for_is_dropped) {
  auto world = an_allocation();
  Message indication{Class::Indication, Method::Data, {}, {}};
  indication.add(stun::XorPeerAddress{kStranger}).add(stun::Data{to_octets("trick")});
  BOOST_TEST(world.client().handle_datagram(world.now(), stun::seal(indication)));
  BOOST_TEST(world.client().handle_datagram(world.now(),
                                            ChannelData{0x4000, as_octets("trick")}.serialize()));
  world.drain();
  BOOST_TEST(world.take_events().empty());
}

BOOST_AUTO_TEST_CASE(datagrams_that_are_not_turn_are_left_to_the_owner) {
  auto world = an_allocation();
  BOOST_TEST(!world.client().handle_datagram(world.now(), to_octets("hello, this is no STUN")));
  BOOST_TEST(!world.client().handle_datagram(world.now(), {}));
  const Message binding{Class::Success, Method::Binding, {}, {}};
  BOOST_TEST(!world.client().handle_datagram(world.now(), stun::seal(binding)));
}

BOOST_AUTO_TEST_CASE(an_answer_with_an_unknown_required_attribute_fails_the_transaction) {
  World world;
  Message response;
  world.lost = [](const Path& path, ByteView) { return path.local == kServer; };
  world.client().allocate(world.now());
  world.run_for(1ms);
  response = Message::response_to(world.requests(Method::Allocate).at(0), Class::Success);
  response.attributes.push_back({stun::AttributeType{0x7eee}, {}});
  BOOST_TEST(world.client().handle_datagram(world.now(), stun::seal(response)));
  world.drain();
  BOOST_TEST(world.take<AllocationFailed>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_redirection_is_followed_with_the_same_request) {
  auto server = server_config();
  server.alternate = Endpoint::parse("198.51.100.7:3478");
  World world{client_config(), server};
  world.client().allocate(world.now());
  world.run_for(100ms);

  BOOST_TEST((world.client().config().server == server.alternate));
  BOOST_TEST_REQUIRE(world.events_named("turn:redirected") == 1);
  const auto& last = world.from_client.back();
  BOOST_TEST((last.path.remote == server.alternate));
  // RFC 8489 §9.2.3: to a new server the first request has no credentials.
  BOOST_TEST(!Message::parse(last.bytes)->has<stun::Username>());
  BOOST_TEST(Message::parse(last.bytes)->has<stun::RequestedTransport>());
}

BOOST_AUTO_TEST_CASE(a_redirection_to_a_server_that_was_asked_is_a_failure) {
  auto server = server_config();
  server.alternate = kServer;
  World world{client_config(), server};
  world.client().allocate(world.now());
  world.run_for(1s);

  const auto failed = world.take<AllocationFailed>();
  BOOST_REQUIRE(failed.size() == 1u);
  BOOST_TEST(failed[0].code == stun::error::kTryAlternate);
  BOOST_TEST((failed[0].alternate == kServer));
}

BOOST_AUTO_TEST_CASE(one_seed_makes_one_history) {
  const auto play = [] {
    auto world = a_permission();
    world.client().bind_channel(world.now(), kPeer);
    world.run_for(2h);
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
