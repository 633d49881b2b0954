#include "scenarios/chronicle.h"

#include <boost/test/unit_test.hpp>

#include <chrono>

namespace rtclab::scenario {
namespace {

using namespace std::chrono_literals;

Instant at(Duration time) {
  return Instant{time};
}

BOOST_AUTO_TEST_SUITE(chronicle)

BOOST_AUTO_TEST_CASE(a_new_connection_shows_the_states_of_the_standard) {
  const Chronicle chronicle;

  BOOST_TEST(chronicle.holds(StateCondition{"alice", "signalingState", "stable"}));
  BOOST_TEST(chronicle.holds(StateCondition{"alice", "connectionState", "new"}));
  BOOST_TEST(!chronicle.holds(StateCondition{"alice", "connectionState", "connected"}));
}

BOOST_AUTO_TEST_CASE(a_state_that_was_left_was_reached_but_does_not_hold) {
  Chronicle chronicle;
  chronicle.note_state(at(1s), "connectionState", "connected");
  chronicle.note_state(at(2s), "connectionState", "disconnected");
  const StateCondition connected{"alice", "connectionState", "connected"};

  BOOST_TEST(!chronicle.holds(connected));
  BOOST_TEST((chronicle.reached(connected) == at(1s)));
  BOOST_TEST(chronicle.seen(connected) == "connectionState = disconnected");
}

BOOST_AUTO_TEST_CASE(messages_are_reached_with_the_one_that_makes_the_count) {
  Chronicle chronicle;
  chronicle.note_received(at(1s), "chat", "one");
  chronicle.note_received(at(2s), "chat", "two");

  BOOST_TEST((chronicle.reached(MessagesCondition{"alice", "chat", 2}) == at(2s)));
  BOOST_TEST(!chronicle.reached(MessagesCondition{"alice", "chat", 3}).has_value());
  BOOST_TEST(!chronicle.holds(MessagesCondition{"alice", "other", 1}));
  BOOST_TEST(chronicle.seen(MessagesCondition{"alice", "chat", 3}) ==
             "2 of 3 messages on \"chat\"");
}

BOOST_AUTO_TEST_CASE(a_channel_that_nobody_made_is_told_as_such) {
  const Chronicle chronicle;
  BOOST_TEST(chronicle.seen(ChannelCondition{"alice", "chat", "open"}) ==
             "there is no channel \"chat\"");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::scenario
