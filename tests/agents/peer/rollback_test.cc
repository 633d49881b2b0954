#include "tests/agents/peer/negotiated.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::peer {
namespace {

using namespace std::chrono_literals;
namespace data = boost::unit_test::data;
using test::negotiate;
using test::parsed;
using test::PeerPair;
const auto per_element = boost::test_tools::per_element();
using Lines = std::vector<std::string>;
const Description kRollback{SdpType::Rollback, ""};

BOOST_AUTO_TEST_SUITE(peer_rollback)

BOOST_DATA_TEST_CASE(a_local_offer_that_is_rolled_back_dissociates_what_it_associated,
                     data::make({true, false}), by_local_call) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto old = *alice.add_transceiver(pair.now, MediaKind::Audio);
  negotiate(pair, pair.alice);
  const auto fresh = *alice.add_transceiver(pair.now, MediaKind::Video);
  pair.set_local(pair.alice);
  BOOST_TEST(alice.transceiver(fresh)->mid.has_value());

  if (by_local_call)
    pair.set_local(pair.alice, kRollback);
  else
    pair.set_remote(pair.alice, kRollback);

  BOOST_TEST(alice.transceiver(old)->mid.value() == "0");
  BOOST_TEST(!alice.transceiver(fresh)->mid.has_value());
  BOOST_TEST(alice.transports().size() == 1u);
  BOOST_TEST(!alice.pending_local_description().has_value());
  BOOST_TEST(parsed(*alice.local_description()).sections.size() == 1u);
}

BOOST_DATA_TEST_CASE(a_remote_offer_that_is_rolled_back_takes_its_transceivers_along,
                     data::make({true, false}), by_local_call) {
  PeerPair pair;
  static_cast<void>(pair.alice.connection.add_track(pair.now, {"mic", MediaKind::Audio}, {"s1"}));
  auto& bob = pair.bob.connection;
  pair.set_remote(pair.bob, pair.offer(pair.alice));
  BOOST_TEST(bob.transceivers().size() == 1u);
  const auto seen = pair.bob.events.size();

  if (by_local_call)
    pair.set_local(pair.bob, kRollback);
  else
    pair.set_remote(pair.bob, kRollback);

  BOOST_TEST(bob.transceivers().empty());
  BOOST_TEST(
      test::events_of(pair.bob, seen) ==
          (Lines{"signaling stable", "peer:stream_removetrack", "peer:track_ended", "fulfilled"}),
      per_element);
  BOOST_TEST(!bob.remote_description().has_value());
}

BOOST_AUTO_TEST_CASE(a_transceiver_of_a_rolled_back_offer_stays_when_addtrack_took_it_up) {
  PeerPair pair;
  static_cast<void>(pair.alice.connection.add_transceiver(pair.now, MediaKind::Audio));
  auto& bob = pair.bob.connection;
  pair.set_remote(pair.bob, pair.offer(pair.alice));
  const auto sender = *bob.add_track(pair.now, {"mic", MediaKind::Audio});
  BOOST_TEST((sender == bob.transceivers()[0].id));

  pair.set_local(pair.bob, kRollback);

  BOOST_REQUIRE(bob.transceivers().size() == 1u);
  BOOST_TEST(!bob.transceivers()[0].mid.has_value());
  pair.set_local(pair.bob);
  BOOST_TEST(bob.transceiver(sender)->mid.value() == "0");
}

BOOST_AUTO_TEST_CASE(streams_are_again_what_they_were_before_the_offer) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  const auto sender = *alice.add_track(pair.now, {"mic", MediaKind::Audio}, {"s1"});
  negotiate(pair, pair.alice);
  static_cast<void>(alice.set_streams(pair.now, sender, {"s2"}));
  pair.set_remote(pair.bob, pair.offer(pair.alice));
  BOOST_TEST(pair.bob.connection.transceivers()[0].receiver.streams == Lines{"s2"}, per_element);

  pair.set_local(pair.bob, kRollback);

  BOOST_TEST(pair.bob.connection.transceivers()[0].receiver.streams == Lines{"s1"}, per_element);
}

BOOST_AUTO_TEST_CASE(glare_over_media_ends_with_both_changes_after_an_implicit_rollback) {
  PeerPair pair;
  static_cast<void>(pair.alice.connection.add_track(pair.now, {"a", MediaKind::Audio}));
  static_cast<void>(pair.bob.connection.add_track(pair.now, {"b", MediaKind::Video}));
  pair.set_local(pair.alice);
  pair.set_local(pair.bob);

  pair.set_remote(pair.bob, *pair.alice.connection.local_description());  // bob is polite
  pair.set_local(pair.bob);
  pair.set_remote(pair.alice, *pair.bob.connection.local_description());
  negotiate(pair, pair.bob);

  for (const auto* party : {&pair.alice, &pair.bob}) {
    const auto sdp = parsed(*party->connection.local_description());
    BOOST_REQUIRE(sdp.sections.size() == 2u);
    BOOST_TEST(sdp.section(0).media().kind == "audio");
    BOOST_TEST(sdp.section(1).media().kind == "video");
  }
  BOOST_TEST(test::run_until_connected(pair));
}

BOOST_AUTO_TEST_CASE(a_rolled_back_offer_may_be_set_again) {
  PeerPair pair;
  static_cast<void>(pair.alice.connection.add_transceiver(pair.now, MediaKind::Audio));
  const auto offer = pair.offer(pair.alice);
  pair.set_local(pair.alice, offer);
  pair.set_local(pair.alice, kRollback);

  pair.set_local(pair.alice, offer);

  BOOST_TEST(pair.alice.connection.local_description()->sdp.starts_with(offer.sdp.substr(0, 80)));
}

BOOST_AUTO_TEST_CASE(a_remote_description_that_fails_changes_nothing) {
  PeerPair pair;
  static_cast<void>(pair.alice.connection.add_transceiver(pair.now, MediaKind::Audio));
  auto offer = pair.offer(pair.alice);
  const auto at = offer.sdp.find("a=rtcp-mux\r\n");
  BOOST_REQUIRE(at != std::string::npos);
  offer.sdp.erase(at, 12);
  for (auto only = offer.sdp.find("a=rtcp-mux-only\r\n"); only != std::string::npos;
       only = offer.sdp.find("a=rtcp-mux-only\r\n"))
    offer.sdp.erase(only, 17);

  const auto id = pair.bob.connection.set_remote_description(pair.now, offer);
  pair.drain();

  BOOST_TEST(pair.bob.result(id) == "InvalidAccessError");
  BOOST_TEST(pair.bob.connection.transceivers().empty());
  BOOST_TEST(to_string(pair.bob.connection.signaling_state()) == "stable");
  BOOST_TEST(!pair.bob.connection.remote_description().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
