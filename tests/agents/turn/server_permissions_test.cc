// Permissions, asked by hand (RFC 8656 §9 and §10).
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

}  // namespace
}  // namespace rtclab::turn
