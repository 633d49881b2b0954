// What is set once more names the same ICE generation (RFC 8445 §9, RFC 9429 §5.9): nothing begins
// anew.
#include "tests/agents/peer/negotiated.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

namespace rtclab::peer {
namespace {

using namespace std::chrono_literals;
using test::is_connected;
using test::parsed;
using test::Party;
using test::PeerPair;
using test::run_until_connected;

std::size_t candidates_in(const Description& description) {
  return parsed(description).section(0).candidates().size();
}

std::string with(std::string text, const std::string& old, const std::string& other) {
  text.replace(text.find(old), old.size(), other);
  return text;
}

// A call that has been offered.
struct Offered : PeerPair {
  Offered() {
    chat = *alice.connection.create_data_channel(now, "chat");
    created = offer(alice);
    set_local(alice, created);
  }
  bool opens() {
    return run_until(
        [&] { return alice.connection.data_channel_state(chat) == DataChannelState::Open; }, 10s);
  }
  ChannelId chat{0};
  Description created;
};

BOOST_AUTO_TEST_SUITE(peer_same_description)

BOOST_AUTO_TEST_CASE(the_same_offer_set_again_gathers_nothing_and_signals_nothing) {
  Offered pair;
  pair.run_for(1s);
  const auto known = candidates_in(*pair.alice.connection.local_description());
  const auto signalled = pair.alice.all<IceCandidateEvent>().size();
  const auto sockets = pair.alice.next_port;
  BOOST_REQUIRE(known > 0u);

  pair.set_local(pair.alice, pair.created);
  pair.run_for(1s);

  BOOST_TEST(candidates_in(*pair.alice.connection.local_description()) == known);
  BOOST_TEST(parsed(*pair.alice.connection.local_description()).section(0).end_of_candidates());
  BOOST_TEST(pair.alice.all<IceCandidateEvent>().size() == signalled);
  BOOST_TEST(pair.alice.next_port == sockets);
  BOOST_TEST(pair.alice.connection.transports().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_call_whose_offer_was_set_twice_is_connected) {
  Offered pair;
  pair.set_local(pair.alice, pair.created);
  pair.signal(pair.alice, pair.created);
  BOOST_TEST(pair.opens());
}

BOOST_AUTO_TEST_CASE(setlocaldescription_without_arguments_may_be_called_twice) {
  PeerPair pair;
  const auto chat = *pair.alice.connection.create_data_channel(pair.now, "chat");
  pair.set_local(pair.alice);
  pair.set_local(pair.alice);
  pair.signal(pair.alice, *pair.alice.connection.local_description());
  BOOST_TEST(run_until_connected(pair));
  BOOST_TEST(pair.run_until(
      [&] { return pair.alice.connection.data_channel_state(chat) == DataChannelState::Open; },
      5s));
}

BOOST_AUTO_TEST_CASE(a_provisional_answer_set_twice_keeps_its_transport) {
  Offered pair;
  pair.set_remote(pair.bob, pair.created);
  const auto answer = pair.answer(pair.bob);
  pair.set_local(pair.bob, Description{SdpType::Pranswer, answer.sdp});
  pair.run_for(1s);
  const auto sockets = pair.bob.next_port;
  pair.set_local(pair.bob, Description{SdpType::Pranswer, answer.sdp});
  pair.set_remote(pair.alice, {SdpType::Pranswer, answer.sdp});
  pair.set_remote(pair.alice, {SdpType::Pranswer, answer.sdp});

  BOOST_TEST(pair.opens());
  BOOST_TEST(pair.bob.next_port == sockets);
  BOOST_TEST(pair.bob.connection.transports().size() == 1u);
  pair.set_local(pair.bob, answer);
  pair.set_remote(pair.alice, answer);
  BOOST_TEST(is_connected(pair.alice));
}

BOOST_AUTO_TEST_CASE(the_same_remote_offer_set_again_keeps_what_was_trickled) {
  Offered pair;
  pair.set_remote(pair.bob, pair.created);
  pair.run_for(1s);
  const auto trickled = candidates_in(*pair.bob.connection.pending_remote_description());
  BOOST_REQUIRE(trickled > candidates_in(pair.created));

  pair.set_remote(pair.bob, pair.created);

  BOOST_TEST(candidates_in(*pair.bob.connection.pending_remote_description()) == trickled);
}

BOOST_AUTO_TEST_CASE(another_generation_keeps_nothing_of_what_was_trickled) {
  Offered pair;
  pair.set_remote(pair.bob, pair.created);
  pair.run_for(1s);
  const auto pwd = parsed(pair.created).section(0).ice_credentials()->pwd;

  auto other = pwd;
  std::ranges::reverse(other);
  pair.set_remote(pair.bob, {SdpType::Offer, with(pair.created.sdp, pwd, other)});

  BOOST_TEST(candidates_in(*pair.bob.connection.pending_remote_description()) ==
             candidates_in(pair.created));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
