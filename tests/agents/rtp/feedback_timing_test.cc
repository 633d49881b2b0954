#include "agents/rtp/feedback_timing.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::rtp {
namespace {

using namespace std::chrono_literals;
using enum FeedbackDecision::What;

FeedbackClock a_clock() {
  return {.previous = Instant{10s}, .next = Instant{14s}, .interval = 4s};
}

BOOST_AUTO_TEST_SUITE(rtp_feedback_timing)

BOOST_AUTO_TEST_CASE(between_two_endpoints_feedback_leaves_at_once) {
  SeededRng rng{1};

  const auto decision = decide_feedback(a_clock(), {}, Instant{11s}, rng);

  BOOST_TEST((decision.what == Early));
  BOOST_TEST((decision.at == Instant{11s}));
}

BOOST_AUTO_TEST_CASE(in_a_larger_session_it_waits_up_to_half_an_interval) {
  SeededRng rng{1};
  for (int i = 0; i < 100; ++i) {
    const auto decision = decide_feedback(a_clock(), {.point_to_point = false}, Instant{11s}, rng);
    BOOST_TEST((decision.what == Early));
    BOOST_TEST((decision.at >= Instant{11s} && decision.at <= Instant{13s}));
  }
}

BOOST_AUTO_TEST_CASE(it_joins_the_regular_packet_when_that_is_near) {
  SeededRng rng{1};

  const auto decision =
      decide_feedback(a_clock(), {.point_to_point = false}, Instant{12s + 1ms}, rng);

  BOOST_TEST((decision.what == WithRegular));
  BOOST_TEST((decision.at == Instant{14s}));
}

BOOST_AUTO_TEST_CASE(it_joins_what_is_scheduled_already) {
  SeededRng rng{1};
  auto clock = a_clock();
  clock.scheduled = Instant{12s};

  BOOST_TEST((decide_feedback(clock, {}, Instant{11s}, rng).what == Join));
}

BOOST_AUTO_TEST_CASE(after_an_early_packet_one_regular_is_skipped_and_no_other_is_early) {
  SeededRng rng{1};

  const auto clock = a_clock().after_early();

  BOOST_TEST((clock.next == Instant{18s}));
  BOOST_TEST((clock.previous == Instant{14s}));
  BOOST_TEST((decide_feedback(clock, {}, Instant{12s}, rng).what == Discard));
  BOOST_TEST((decide_feedback(clock, {}, Instant{17s + 600ms}, rng).what == WithRegular));
}

BOOST_AUTO_TEST_CASE(without_a_least_distance_each_regular_slot_is_used) {
  SeededRng rng{1};

  BOOST_TEST((decide_regular(Instant{14s}, Instant{13s}, 0s, false, rng) == RegularSlot::Regular));
}

BOOST_AUTO_TEST_CASE(regular_packets_keep_their_distance_and_feedback_does_not) {
  SeededRng rng{1};
  for (int i = 0; i < 100; ++i) {
    // 5 to 15 s after the last one
    BOOST_TEST(
        (decide_regular(Instant{14s}, Instant{10s}, 10s, false, rng) == RegularSlot::Suppressed));
    BOOST_TEST(
        (decide_regular(Instant{14s}, Instant{10s}, 10s, true, rng) == RegularSlot::FeedbackOnly));
    BOOST_TEST(
        (decide_regular(Instant{25s}, Instant{10s}, 10s, false, rng) == RegularSlot::Regular));
  }
  BOOST_TEST((decide_regular(Instant{14s}, std::nullopt, 10s, false, rng) == RegularSlot::Regular));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::rtp
