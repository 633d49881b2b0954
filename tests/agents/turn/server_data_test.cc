// Data and channels, sent by hand (RFC 8656 §11 and §12).
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
