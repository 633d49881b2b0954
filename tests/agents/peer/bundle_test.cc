#include "agents/peer/remote_session.h"
#include "tests/agents/peer/negotiated.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace rtclab::peer {
namespace {

using namespace std::chrono_literals;
namespace data = boost::unit_test::data;
using test::negotiate;
using test::outline;
using test::PairOptions;
using test::parsed;
using test::PeerPair;
const auto per_element = boost::test_tools::per_element();
using Lines = std::vector<std::string>;

// alice has two audio transceivers, one for video, and a channel.
struct WithMedia : PeerPair {
  explicit WithMedia(PairOptions options = {}) : PeerPair{std::move(options)} {
    static_cast<void>(alice.connection.add_transceiver(now, MediaKind::Audio));
    static_cast<void>(alice.connection.add_transceiver(now, MediaKind::Audio));
    static_cast<void>(alice.connection.add_transceiver(now, MediaKind::Video));
    chat = *alice.connection.create_data_channel(now, "chat");
    drain();
  }
  ChannelId chat{0};
};

PairOptions with_policy(BundlePolicy policy) {
  PairOptions options;
  options.alice.bundle_policy = policy;
  return options;
}

struct Policy {
  BundlePolicy policy;
  Lines sections;
  friend std::ostream& operator<<(std::ostream& out, const Policy& row) {
    return out << static_cast<int>(row.policy);
  }
};
const std::vector<Policy> kPolicies{
    {BundlePolicy::Balanced,
     {"audio 9 sendrecv own transport", "audio 0 sendrecv bundle-only",
      "video 9 sendrecv own transport", "application 9 own transport"}},
    {BundlePolicy::MaxCompat,
     {"audio 9 sendrecv own transport", "audio 9 sendrecv own transport",
      "video 9 sendrecv own transport", "application 9 own transport"}},
    {BundlePolicy::MaxBundle,
     {"audio 9 sendrecv own transport", "audio 0 sendrecv bundle-only",
      "video 0 sendrecv bundle-only", "application 0 bundle-only"}},
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

BOOST_AUTO_TEST_SUITE(peer_bundle)

BOOST_DATA_TEST_CASE(the_policy_says_who_has_a_transport_of_its_own, data::make(kPolicies), row) {
  WithMedia pair{with_policy(row.policy)};

  const auto offer = pair.offer(pair.alice);

  BOOST_TEST(outline(offer) == row.sections, per_element);
  BOOST_TEST(parsed(offer).bundle() == (Lines{"0", "1", "2", "3"}), per_element);
}

BOOST_DATA_TEST_CASE(whatever_was_offered_all_share_one_transport_after_the_answer,
                     data::make(kPolicies), row) {
  WithMedia pair{with_policy(row.policy)};
  pair.call(pair.alice);

  BOOST_TEST(pair.run_until(
      [&] { return pair.alice.connection.data_channel_state(pair.chat) == DataChannelState::Open; },
      20s));

  BOOST_TEST(outline(*pair.bob.connection.local_description()).size() == 4u);
  BOOST_TEST(
      parsed(*pair.bob.connection.local_description()).bundle() == (Lines{"0", "1", "2", "3"}),
      per_element);
  for (const auto* party : {&pair.alice, &pair.bob}) {
    const auto transports = party->connection.transports();
    BOOST_REQUIRE(transports.size() == 1u);
    BOOST_TEST(transports[0].mids == (Lines{"0", "1", "2", "3"}), per_element);
    BOOST_TEST(transports[0].selected_pair.has_value());
    BOOST_TEST(transports[0].sctp_state.value() == "connected");
  }
}

BOOST_AUTO_TEST_CASE(an_answer_has_transport_attributes_in_its_tagged_section_alone) {
  WithMedia pair;
  pair.set_local(pair.alice);
  pair.set_remote(pair.bob, *pair.alice.connection.local_description());

  const auto answer = pair.answer(pair.bob);

  BOOST_TEST(outline(answer) == (Lines{"audio 9 recvonly own transport", "audio 9 recvonly",
                                       "video 9 recvonly", "application 9"}),
             per_element);
  const auto sdp = parsed(answer);
  for (std::size_t i = 1; i < 4; ++i) {
    for (const auto* name :
         {"ice-pwd", "fingerprint", "setup", "tls-id", "rtcp-rsize", "candidate"})
      BOOST_TEST(!sdp.sections[i].has_attribute(name), name << " in section " << i);
    // What RFC 9429 §5.8.3 and Chromium look for in each.
    BOOST_TEST(sdp.sections[i].has_attribute("rtcp-mux") == (i != 3));
  }
}

BOOST_AUTO_TEST_CASE(a_later_offer_adds_to_the_group_without_another_transport) {
  WithMedia pair;
  pair.call(pair.alice);
  BOOST_REQUIRE(test::run_until_connected(pair));
  static_cast<void>(pair.bob.connection.add_transceiver(pair.now, MediaKind::Video));

  pair.set_local(pair.bob);

  const auto sdp = parsed(*pair.bob.connection.local_description());
  BOOST_TEST(sdp.bundle() == (Lines{"0", "1", "2", "3", "4"}), per_element);
  BOOST_TEST(!sdp.section(4).bundle_only());
  BOOST_TEST(!sdp.sections[4].has_attribute("ice-ufrag"));
  BOOST_TEST(sdp.section(4).media().port.value() == sdp.section(0).media().port.value());
  BOOST_TEST(pair.bob.connection.transports().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_tag_moves_on_when_its_section_is_stopped_and_the_transport_stays) {
  WithMedia pair;
  pair.call(pair.alice);
  BOOST_REQUIRE(test::run_until_connected(pair));
  const auto ufrag = pair.alice.connection.transports()[0].local_parameters.ufrag;
  const auto first = pair.alice.connection.transceivers()[0].id;
  static_cast<void>(pair.alice.connection.stop(pair.now, first));

  negotiate(pair, pair.alice);
  pair.run_for(1s);

  const auto sdp = parsed(*pair.alice.connection.local_description());
  BOOST_TEST(sdp.bundle() == (Lines{"1", "2", "3"}), per_element);
  BOOST_TEST(*sdp.sections[1].attribute("ice-ufrag") == ufrag);
  BOOST_TEST(test::is_connected(pair.alice));
  BOOST_TEST(pair.alice.connection.send(pair.now, pair.chat, "still here").has_value());
  pair.run_for(1s);
  BOOST_TEST(pair.bob.texts() == Lines{"still here"}, per_element);
}

// As aiortc does: its own group, other credentials in each section.
BOOST_AUTO_TEST_CASE(an_offer_with_other_credentials_in_each_section_of_a_group_connects) {
  WithMedia pair{with_policy(BundlePolicy::MaxCompat)};
  pair.call(pair.alice);

  BOOST_TEST(test::run_until_connected(pair));
  BOOST_TEST(pair.bob.connection.transports().size() == 1u);
}

// As before BUNDLE: each section for itself.
BOOST_AUTO_TEST_CASE(without_a_group_in_the_answer_each_section_keeps_its_transport) {
  PeerPair pair;
  static_cast<void>(pair.alice.connection.add_transceiver(pair.now, MediaKind::Audio));
  const auto chat = *pair.alice.connection.create_data_channel(pair.now, "chat");
  pair.set_local(pair.alice);
  auto offer = *pair.alice.connection.local_description();
  offer.sdp = replaced(offer.sdp, "a=group:BUNDLE 0 1\r\n", "");
  pair.set_remote(pair.bob, offer);
  pair.set_local(pair.bob);
  const auto answer = *pair.bob.connection.local_description();
  BOOST_TEST(
      outline(answer) == (Lines{"audio 9 recvonly own transport", "application 9 own transport"}),
      per_element);
  pair.set_remote(pair.alice, answer);

  BOOST_TEST(test::run_until_connected(pair));
  BOOST_TEST(pair.alice.connection.transports().size() == 2u);
  BOOST_TEST(pair.run_until(
      [&] { return pair.alice.connection.data_channel_state(chat) == DataChannelState::Open; },
      20s));
}

BOOST_AUTO_TEST_CASE(a_bundle_only_section_that_the_answer_leaves_alone_is_an_error) {
  WithMedia pair{with_policy(BundlePolicy::MaxBundle)};
  pair.set_local(pair.alice);
  pair.set_remote(pair.bob, *pair.alice.connection.local_description());
  auto answer = pair.answer(pair.bob);
  answer.sdp = replaced(answer.sdp, "a=group:BUNDLE 0 1 2 3\r\n", "a=group:BUNDLE 0 1 2\r\n");

  const auto id = pair.alice.connection.set_remote_description(pair.now, answer);
  pair.drain();

  BOOST_TEST(pair.alice.result(id) == "InvalidAccessError");
  BOOST_TEST((pair.alice.connection.signaling_state() == SignalingState::HaveLocalOffer));
}

BOOST_AUTO_TEST_CASE(an_answer_must_not_bundle_what_was_not_offered_bundled) {
  WithMedia pair;
  const auto offer = pair.offer(pair.alice);
  pair.set_remote(pair.bob, offer);
  const auto answer = parsed(pair.answer(pair.bob));
  const auto smaller = parsed(
      {SdpType::Offer, replaced(offer.sdp, "a=group:BUNDLE 0 1 2 3", "a=group:BUNDLE 0 1 2")});

  BOOST_TEST(check_answers(parsed(offer), answer).has_value());
  BOOST_TEST(check_answers(smaller, answer).error().name == "InvalidAccessError");
}

BOOST_AUTO_TEST_CASE(a_policy_that_bundles_rejects_what_the_offer_does_not_bundle) {
  PairOptions options;
  options.bob.bundle_policy = BundlePolicy::MaxBundle;
  WithMedia pair{options};
  pair.set_local(pair.alice);
  auto offer = *pair.alice.connection.local_description();
  offer.sdp = replaced(offer.sdp, "a=group:BUNDLE 0 1 2 3\r\n", "a=group:BUNDLE 0 1\r\n");
  pair.set_remote(pair.bob, offer);

  BOOST_TEST(
      outline(pair.answer(pair.bob)) ==
          (Lines{"audio 9 recvonly own transport", "audio 9 recvonly", "video 0", "application 0"}),
      per_element);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
