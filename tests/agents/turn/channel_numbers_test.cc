// Numbers that come back: to the same peer at once, to another one after five minutes.
#include "agents/turn/channel_numbers.h"

#include "agents/turn/channel_data.h"
#include "tests/agents/turn/world.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::turn {
namespace {

using namespace std::chrono_literals;

Endpoint peer(unsigned n) {
  return {kPeer.ip, Port{static_cast<std::uint16_t>(10000 + n)}};
}

struct SpentNumbers {
  SpentNumbers() {
    for (unsigned n = 0; n <= kLastChannel - kFirstChannel; ++n) (void)numbers.lend(peer(n));
  }
  ChannelNumbers numbers;
};

BOOST_AUTO_TEST_SUITE(channel_numbers)

BOOST_AUTO_TEST_CASE(every_number_is_used_once_before_one_is_used_again) {
  ChannelNumbers numbers;
  const auto first = numbers.lend(peer(0));
  numbers.give_back(first->number, peer(0), Instant{600s});

  const auto second = numbers.lend(peer(1));

  BOOST_TEST(first->number == kFirstChannel);
  BOOST_TEST(second->number == kFirstChannel + 1);
  BOOST_TEST((second->from == Instant{}));
}

BOOST_AUTO_TEST_CASE(a_peer_gets_its_own_number_back_at_once) {
  ChannelNumbers numbers;
  const auto first = numbers.lend(peer(0));
  numbers.give_back(first->number, peer(0), Instant{600s});

  const auto again = numbers.lend(peer(0));

  BOOST_TEST(again->number == first->number);
  BOOST_TEST((again->from == Instant{}));
}

BOOST_FIXTURE_TEST_CASE(there_are_no_more_than_the_range_has, SpentNumbers) {
  BOOST_TEST(!numbers.lend(peer(5000)).has_value());
}

BOOST_FIXTURE_TEST_CASE(another_peer_waits_five_minutes_from_the_end_of_the_binding, SpentNumbers) {
  numbers.give_back(kFirstChannel + 9, peer(9), Instant{700s});
  numbers.give_back(kFirstChannel + 3, peer(3), Instant{600s});

  const auto loan = numbers.lend(peer(5000));

  BOOST_TEST(loan->number == kFirstChannel + 3);
  BOOST_TEST((loan->from == Instant{900s}));
}

BOOST_FIXTURE_TEST_CASE(a_peer_whose_number_went_to_another_waits_as_well, SpentNumbers) {
  numbers.give_back(kFirstChannel, peer(0), Instant{800s});
  (void)numbers.lend(peer(5000));
  numbers.give_back(kFirstChannel + 1, peer(1), Instant{10s});

  BOOST_TEST((numbers.lend(peer(0))->from == Instant{1100s}));
}

BOOST_FIXTURE_TEST_CASE(a_number_that_was_never_asked_for_keeps_the_wait_it_had, SpentNumbers) {
  numbers.give_back(kFirstChannel, peer(0), Instant{600s});
  numbers.give_back(*numbers.lend(peer(5000)));

  BOOST_TEST((numbers.lend(peer(5001))->from == Instant{900s}));
}

// The same in a client, over ten minutes and five.
BOOST_AUTO_TEST_CASE(a_client_lets_a_channel_end_and_sends_indications_instead) {
  World world;
  world.client().allocate(world.now());
  world.client().bind_channel(world.now(), kPeer);
  world.run_for(1s);
  BOOST_TEST_REQUIRE(world.client().channel(kPeer).has_value());

  world.client().unbind_channel(world.now(), kPeer);
  world.run_for(700s);

  BOOST_TEST(!world.client().channel(kPeer).has_value());
  BOOST_TEST(world.events_named("turn:channel_expired") == 1);
  BOOST_TEST(world.client().has_permission(kPeer.ip));
}

BOOST_AUTO_TEST_CASE(what_still_comes_through_a_channel_that_was_let_go_is_heard) {
  World world;
  world.client().allocate(world.now());
  world.client().bind_channel(world.now(), kPeer);
  world.run_for(1s);
  (void)world.take_events();

  world.client().unbind_channel(world.now(), kPeer);
  world.peer_sends(kPeer, "late");
  world.run_for(1s);

  BOOST_TEST(world.take<Data>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_channel_that_is_let_go_while_it_is_asked_for_ends_too) {
  World world;
  world.client().allocate(world.now());
  world.run_for(1s);
  world.client().bind_channel(world.now(), kPeer);
  world.drain();
  world.client().unbind_channel(world.now(), kPeer);
  world.run_for(700s);

  BOOST_TEST(world.events_named("turn:channel_bound") == 2);  // both ends tell
  BOOST_TEST(world.events_named("turn:channel_expired") == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::turn
