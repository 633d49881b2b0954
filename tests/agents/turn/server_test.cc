// The server, asked by hand: every rule of RFC 8656 that refuses, grants or lets lapse.
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"
#include "agents/stun/long_term_client.h"
#include "agents/turn/channel_data.h"
#include "tests/agents/turn/world.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

namespace rtclab::turn {
namespace {

static_assert(Agent<Server>);

namespace data = boost::unit_test::data;
namespace error = stun::error;
using namespace std::chrono_literals;
using stun::Class;
using stun::Message;
using stun::Method;

constexpr Instant kStart{Duration{1s}};
const Endpoint kSecondClient = *Endpoint::parse("192.0.2.2:5000");
const Endpoint kV6Peer = *Endpoint::parse("[2001:db8::9]:4000");

// A client that forms each message by hand, and the server; both at one instant that moves when
// told to.
class Talk {
 public:
  explicit Talk(Server::Config config = server_config()) : server{std::move(config), rng_} {
    server.handle_input(now, InterfaceUp{"eth0", kServer.ip});
    drain();
  }

  void drain() {
    while (auto output = server.poll_output()) {
      if (auto* const open = std::get_if<OpenSocket>(&*output)) {
        opened.push_back(open->local);
        if (refuse_sockets) {
          server.handle_input(now, SocketFailed{open->request, "in use"});
        } else {
          server.handle_input(now, SocketOpened{open->request, open->local});
        }
      } else if (auto* const transmit = std::get_if<Transmit>(&*output)) {
        sent.push_back(std::move(*transmit));
      } else if (auto* const close = std::get_if<CloseSocket>(&*output)) {
        closed.push_back(close->local);
      }
    }
    const auto wakeup = server.next_wakeup();
    if (wakeup) BOOST_TEST_REQUIRE((wakeup->at > now));
  }

  // What the server sends because of these octets.
  std::vector<Transmit> push(ByteView octets, const Endpoint& from = kClient,
                             const Endpoint& to = kServer) {
    sent.clear();
    server.handle_input(now, Received{{Transport::Udp, to, from}, octets});
    drain();
    return sent;
  }
  Message request(Method method) {
    Message message{Class::Request, method, stun::TransactionId::draw(rng_), {}};
    return message;
  }
  // The response to a request with alice's credentials, after as many challenges as it takes.
  Message ask(Message message, const Endpoint& from = kClient) {
    return ask_as(alice, std::move(message), from);
  }
  Message ask_as(stun::LongTermClient& who, Message message, const Endpoint& from = kClient) {
    for (int i = 0; i < 3; ++i) {
      const bool is_signed = who.has_challenge();
      const auto replies = push(who.seal(message, false), from);
      BOOST_TEST_REQUIRE(replies.size() == 1u);
      BOOST_TEST_REQUIRE((replies[0].path == Path{Transport::Udp, kServer, from}));
      const auto response = *Message::parse(replies[0].bytes);
      BOOST_TEST_REQUIRE((response.transaction == message.transaction));
      const auto next = who.receive(response, replies[0].bytes, is_signed);
      BOOST_TEST_REQUIRE((next != stun::LongTermClient::Next::Ignore));
      if (next == stun::LongTermClient::Next::Report) return response;
      message.transaction = stun::TransactionId::draw(rng_);
    }
    return {};
  }
  int code_of(Message message, const Endpoint& from = kClient) {
    const auto response = ask(std::move(message), from);
    return response.cls == Class::Error ? response.find<stun::ErrorCode>()->code : 0;
  }

  Message allocate_request() {
    return request(Method::Allocate).add(stun::RequestedTransport{stun::RequestedTransport::kUdp});
  }
  Message permission_request(const Endpoint& peer) {
    return request(Method::CreatePermission).add(stun::XorPeerAddress{peer});
  }
  Message bind_request(std::uint16_t channel, const Endpoint& peer) {
    return request(Method::ChannelBind)
        .add(stun::ChannelNumber{channel})
        .add(stun::XorPeerAddress{peer});
  }
  Message send_indication(const Endpoint& peer, std::string_view text) {
    Message message{Class::Indication, Method::Send, stun::TransactionId::draw(rng_), {}};
    return message.add(stun::XorPeerAddress{peer}).add(stun::Data{to_octets(text)});
  }
  Endpoint allocate(const Endpoint& from = kClient) {
    const auto response = ask(allocate_request(), from);
    BOOST_TEST_REQUIRE((response.cls == Class::Success));
    return response.find<stun::XorRelayedAddress>()->endpoint;
  }
  void permit(const Endpoint& peer) { BOOST_TEST_REQUIRE(code_of(permission_request(peer)) == 0); }
  void bind(std::uint16_t channel, const Endpoint& peer) {
    BOOST_TEST_REQUIRE(code_of(bind_request(channel, peer)) == 0);
  }

  // Whether text from the peer reaches the client, and in what dress.
  enum class Dress { None, Indication, Channel };
  Dress peer_sends(const Endpoint& relayed, const Endpoint& peer) {
    const auto replies = push(as_octets("data"), peer, relayed);
    if (replies.empty()) return Dress::None;
    return looks_like_channel_data(replies[0].bytes) ? Dress::Channel : Dress::Indication;
  }
  bool client_reaches(const Endpoint& peer) {
    return !push(stun::seal(send_indication(peer, "data"))).empty();
  }

  Instant now = kStart;
  bool refuse_sockets = false;
  std::vector<Endpoint> opened, closed;
  std::vector<Transmit> sent;
  stun::LongTermClient alice{"alice", "secret"};

 private:
  SeededRng rng_{43};

 public:
  Server server;
};
using Dress = Talk::Dress;

Server::Config with(auto&& change) {
  auto config = server_config();
  change(config);
  return config;
}

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

BOOST_AUTO_TEST_CASE(no_transport_is_400_a_bad_one_too_and_another_than_udp_442) {
  Talk talk;
  BOOST_TEST(talk.code_of(talk.request(Method::Allocate)) == error::kBadRequest);
  auto malformed = talk.request(Method::Allocate);
  malformed.attributes.push_back({stun::AttributeType::RequestedTransport, Bytes(1)});
  BOOST_TEST(talk.code_of(malformed) == error::kBadRequest);
  BOOST_TEST(talk.code_of(talk.request(Method::Allocate).add(stun::RequestedTransport{6})) ==
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
  BOOST_TEST(std::set<Endpoint>(talk.opened.begin() + 1, talk.opened.end()).size() == 8u);

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
  BOOST_TEST((talk.server.allocations().begin()->second.expires == kStart + 1200s));
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

BOOST_AUTO_TEST_SUITE(turn_server_permissions)

BOOST_AUTO_TEST_CASE(last_exactly_300_s) {
  Talk talk;
  const auto relayed = talk.allocate();
  talk.permit(kPeer);

  talk.now += 300s - 1ns;
  BOOST_TEST((talk.peer_sends(relayed, kPeer) == Dress::Indication));
  BOOST_TEST(talk.client_reaches(kPeer));
  talk.now += 1ns;
  BOOST_TEST((talk.peer_sends(relayed, kPeer) == Dress::None));
  BOOST_TEST(!talk.client_reaches(kPeer));
}

BOOST_AUTO_TEST_CASE(are_not_prolonged_by_data) {
  Talk talk;
  const auto relayed = talk.allocate();
  talk.permit(kPeer);
  for (int i = 0; i < 29; ++i) {
    talk.now += 10s;
    BOOST_TEST(talk.client_reaches(kPeer));
    BOOST_TEST((talk.peer_sends(relayed, kPeer) == Dress::Indication));
  }
  talk.now += 10s;
  BOOST_TEST(!talk.client_reaches(kPeer));
}

BOOST_AUTO_TEST_CASE(are_prolonged_by_asking_again) {
  Talk talk;
  const auto relayed = talk.allocate();
  talk.permit(kPeer);
  talk.now += 200s;
  talk.permit(kPeer);
  talk.now += 299s;
  BOOST_TEST((talk.peer_sends(relayed, kPeer) == Dress::Indication));
}

BOOST_AUTO_TEST_CASE(are_for_an_address_with_any_port_and_no_other) {
  Talk talk;
  const auto relayed = talk.allocate();
  talk.permit(kPeer);
  BOOST_TEST((talk.peer_sends(relayed, kSamePeerOtherPort) == Dress::Indication));
  BOOST_TEST((talk.peer_sends(relayed, kStranger) == Dress::None));
  BOOST_TEST(talk.client_reaches(kSamePeerOtherPort));
  BOOST_TEST(!talk.client_reaches(kStranger));
}

BOOST_AUTO_TEST_CASE(several_come_in_one_request) {
  Talk talk;
  const auto relayed = talk.allocate();
  BOOST_TEST(talk.code_of(talk.permission_request(kPeer).add(stun::XorPeerAddress{kStranger})) ==
             0);
  BOOST_TEST((talk.peer_sends(relayed, kPeer) == Dress::Indication));
  BOOST_TEST((talk.peer_sends(relayed, kStranger) == Dress::Indication));
}

BOOST_AUTO_TEST_CASE(without_a_peer_or_with_a_bad_one_are_400) {
  Talk talk;
  talk.allocate();
  BOOST_TEST(talk.code_of(talk.request(Method::CreatePermission)) == error::kBadRequest);
  auto bad = talk.permission_request(kPeer);
  bad.attributes.push_back({stun::AttributeType::XorPeerAddress, Bytes(3)});
  BOOST_TEST(talk.code_of(bad) == error::kBadRequest);
}

BOOST_AUTO_TEST_CASE(for_another_family_are_443) {
  Talk talk;
  talk.allocate();
  BOOST_TEST(talk.code_of(talk.permission_request(kV6Peer)) == error::kPeerAddressFamilyMismatch);
}

BOOST_DATA_TEST_CASE(for_a_forbidden_address_are_403,
                     data::make({"127.0.0.1:1", "0.0.0.0:1", "224.0.0.1:1"}), address) {
  Talk talk;
  talk.allocate();
  BOOST_TEST(talk.code_of(talk.permission_request(*Endpoint::parse(address))) == error::kForbidden);
}

BOOST_AUTO_TEST_CASE(teredo_and_6to4_are_forbidden_by_default) {
  const auto forbidden = Server::default_forbidden_peers();
  for (const auto* const text : {"2001:0:1::1", "2002:c000:201::1"}) {
    BOOST_TEST(std::ranges::any_of(forbidden,
                                   [&](const Prefix& p) { return p.contains(*Ip::parse(text)); }));
  }
  BOOST_TEST(std::ranges::none_of(
      forbidden, [](const Prefix& p) { return p.contains(*Ip::parse("2001:db8::1")); }));
}

BOOST_AUTO_TEST_CASE(beyond_the_limit_are_508_and_none_of_the_request_is_granted) {
  Talk talk{with([](Server::Config& config) { config.permissions_per_allocation = 1; })};
  const auto relayed = talk.allocate();
  BOOST_TEST(talk.code_of(talk.permission_request(kPeer).add(stun::XorPeerAddress{kStranger})) ==
             error::kInsufficientCapacity);
  BOOST_TEST((talk.peer_sends(relayed, kPeer) == Dress::None));
  talk.permit(kPeer);
  talk.permit(kPeer);
  BOOST_TEST(talk.code_of(talk.bind_request(0x4000, kStranger)) == error::kInsufficientCapacity);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(turn_server_data)

BOOST_AUTO_TEST_CASE(a_send_becomes_a_datagram_from_the_relayed_address) {
  Talk talk;
  const auto relayed = talk.allocate();
  talk.permit(kPeer);
  const auto sent = talk.push(stun::seal(talk.send_indication(kPeer, "hello")));
  BOOST_REQUIRE(sent.size() == 1u);
  BOOST_TEST((sent[0].path == Path{Transport::Udp, relayed, kPeer}));
  BOOST_TEST(as_text(sent[0].bytes) == "hello");
}

BOOST_AUTO_TEST_CASE(an_empty_send_becomes_an_empty_datagram) {
  Talk talk;
  talk.allocate();
  talk.permit(kPeer);
  const auto sent = talk.push(stun::seal(talk.send_indication(kPeer, "")));
  BOOST_REQUIRE(sent.size() == 1u);
  BOOST_TEST(sent[0].bytes.empty());
}

BOOST_AUTO_TEST_CASE(a_send_that_lacks_something_or_asks_for_the_impossible_is_dropped) {
  Talk talk;
  talk.allocate();
  talk.permit(kPeer);
  Message no_data{Class::Indication, Method::Send, {}, {}};
  no_data.add(stun::XorPeerAddress{kPeer});
  Message no_peer{Class::Indication, Method::Send, {}, {}};
  no_peer.add(stun::Data{to_octets("x")});
  BOOST_TEST(talk.push(stun::seal(no_data)).empty());
  BOOST_TEST(talk.push(stun::seal(no_peer)).empty());
  BOOST_TEST(
      talk.push(stun::seal(talk.send_indication(kPeer, "x").add(stun::DontFragment{}))).empty());
}

BOOST_AUTO_TEST_CASE(data_of_a_peer_becomes_an_indication) {
  Talk talk;
  const auto relayed = talk.allocate();
  talk.permit(kPeer);
  const auto sent = talk.push(as_octets("hello"), kPeer, relayed);
  BOOST_REQUIRE(sent.size() == 1u);
  BOOST_TEST((sent[0].path == Path{Transport::Udp, kServer, kClient}));
  const auto indication = *Message::parse(sent[0].bytes);
  BOOST_TEST(indication.name() == "Data indication");
  BOOST_TEST((indication.find<stun::XorPeerAddress>()->endpoint == kPeer));
  BOOST_TEST((indication.find<stun::Data>()->value == to_octets("hello")));
}

BOOST_AUTO_TEST_CASE(an_unreachable_peer_becomes_an_indication_with_icmp) {
  Talk talk;
  const auto relayed = talk.allocate();
  talk.permit(kPeer);
  talk.sent.clear();
  talk.server.handle_input(talk.now, Unreachable{{Transport::Udp, relayed, kPeer}});
  talk.server.handle_input(talk.now, Unreachable{{Transport::Udp, relayed, kStranger}});
  talk.drain();
  BOOST_REQUIRE(talk.sent.size() == 1u);
  const auto indication = *Message::parse(talk.sent[0].bytes);
  BOOST_TEST((indication.find<stun::Icmp>() == stun::Icmp{3, 3, 0}));
  BOOST_TEST(!indication.has<stun::Data>());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(turn_server_channels)

BOOST_AUTO_TEST_CASE(carry_data_both_ways_and_bring_a_permission) {
  Talk talk;
  const auto relayed = talk.allocate();
  talk.bind(0x4000, kPeer);

  const auto out = talk.push(ChannelData{0x4000, as_octets("hello")}.serialize());
  BOOST_REQUIRE(out.size() == 1u);
  BOOST_TEST((out[0].path == Path{Transport::Udp, relayed, kPeer}));
  BOOST_TEST(as_text(out[0].bytes) == "hello");
  BOOST_TEST((talk.peer_sends(relayed, kPeer) == Dress::Channel));
  BOOST_TEST((talk.peer_sends(relayed, kSamePeerOtherPort) == Dress::Indication));
}

BOOST_AUTO_TEST_CASE(empty_channel_data_becomes_an_empty_datagram) {
  Talk talk;
  talk.allocate();
  talk.bind(0x4000, kPeer);
  const auto out = talk.push(ChannelData{0x4000, {}}.serialize());
  BOOST_REQUIRE(out.size() == 1u);
  BOOST_TEST(out[0].bytes.empty());
}

BOOST_AUTO_TEST_CASE(out_of_range_or_bound_otherwise_are_400) {
  Talk talk;
  talk.allocate();
  talk.bind(0x4000, kPeer);
  for (const auto number : std::initializer_list<std::uint16_t>{0x3fff, 0x5000, 0x7fff, 0x0000}) {
    BOOST_TEST(talk.code_of(talk.bind_request(number, kStranger)) == error::kBadRequest);
  }
  BOOST_TEST(talk.code_of(talk.bind_request(0x4000, kStranger)) == error::kBadRequest);
  BOOST_TEST(talk.code_of(talk.bind_request(0x4001, kPeer)) == error::kBadRequest);
  BOOST_TEST(talk.code_of(talk.bind_request(0x4001, kSamePeerOtherPort)) == 0);
  BOOST_TEST(talk.code_of(talk.bind_request(0x4fff, kStranger)) == 0);
}

BOOST_AUTO_TEST_CASE(without_number_or_peer_are_400_and_other_refusals_are_as_for_permissions) {
  Talk talk;
  talk.allocate();
  BOOST_TEST(talk.code_of(talk.request(Method::ChannelBind).add(stun::ChannelNumber{0x4000})) ==
             error::kBadRequest);
  BOOST_TEST(talk.code_of(talk.request(Method::ChannelBind).add(stun::XorPeerAddress{kPeer})) ==
             error::kBadRequest);
  BOOST_TEST(talk.code_of(talk.bind_request(0x4000, kV6Peer)) == error::kPeerAddressFamilyMismatch);
  BOOST_TEST(talk.code_of(talk.bind_request(0x4000, *Endpoint::parse("127.0.0.1:9"))) ==
             error::kForbidden);
}

BOOST_AUTO_TEST_CASE(last_exactly_600_s_and_then_data_comes_as_indication) {
  Talk talk;
  const auto relayed = talk.allocate();
  (void)talk.ask(talk.request(Method::Refresh).add(stun::Lifetime{3600}));
  talk.bind(0x4000, kPeer);
  for (int i = 0; i < 3; ++i) {
    talk.now += 200s - 1ns;
    talk.permit(kPeer);
  }
  BOOST_TEST((talk.peer_sends(relayed, kPeer) == Dress::Channel));
  talk.now = kStart + 600s;
  BOOST_TEST((talk.peer_sends(relayed, kPeer) == Dress::Indication));
  BOOST_TEST(talk.push(ChannelData{0x4000, as_octets("x")}.serialize()).empty());
}

BOOST_AUTO_TEST_CASE(can_be_bound_anew_once_they_ended) {
  Talk talk;
  talk.allocate();
  (void)talk.ask(talk.request(Method::Refresh).add(stun::Lifetime{3600}));
  talk.bind(0x4000, kPeer);
  talk.now = kStart + 600s - 1ns;
  BOOST_TEST(talk.code_of(talk.bind_request(0x4000, kStranger)) == error::kBadRequest);
  talk.now = kStart + 600s;
  BOOST_TEST(talk.code_of(talk.bind_request(0x4000, kStranger)) == 0);
  BOOST_TEST(talk.code_of(talk.bind_request(0x4001, kPeer)) == 0);
}

BOOST_AUTO_TEST_CASE(do_not_outlive_the_permission_that_came_with_them) {
  Talk talk;
  const auto relayed = talk.allocate();
  talk.bind(0x4000, kPeer);
  for (int i = 0; i < 29; ++i) {
    talk.now += 10s;
    BOOST_TEST(talk.push(ChannelData{0x4000, as_octets("x")}.serialize()).size() == 1u);
  }
  talk.now = kStart + 300s;
  BOOST_TEST(talk.push(ChannelData{0x4000, as_octets("x")}.serialize()).empty());
  BOOST_TEST((talk.peer_sends(relayed, kPeer) == Dress::None));
  // The binding is still there: rebinding brings the permission back.
  talk.bind(0x4000, kPeer);
  BOOST_TEST((talk.peer_sends(relayed, kPeer) == Dress::Channel));
}

BOOST_AUTO_TEST_CASE(unbound_reserved_or_cut_channel_data_is_dropped) {
  Talk talk;
  talk.allocate();
  talk.bind(0x4000, kPeer);
  auto cut = ChannelData{0x4000, as_octets("hello")}.serialize();
  cut.pop_back();
  BOOST_TEST(talk.push(ChannelData{0x4001, as_octets("x")}.serialize()).empty());
  BOOST_TEST(talk.push(cut).empty());
  BOOST_TEST(talk.push(from_hex("5000000178")).empty());
  BOOST_TEST(talk.push(from_hex("4000")).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::turn
