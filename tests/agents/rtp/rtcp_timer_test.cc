#include "agents/rtp/rtcp_timer.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::rtp {
namespace {

using namespace std::chrono_literals;

// 64 kbit/s of session: 5 % are 400 octets a second.
const RtcpBudget kBudget{.octets_per_second = 400, .minimum = 5s};
constexpr RtcpPopulation kCall{.members = 2, .senders = 2, .we_send = true};

BOOST_AUTO_TEST_SUITE(rtp_rtcp_timer)

BOOST_AUTO_TEST_CASE(few_senders_get_a_quarter_of_the_bandwidth) {
  // 10 of 100 send: 100 octets a second for 10, 300 for 90.
  const RtcpPopulation sending{.members = 100, .senders = 10, .we_send = true};
  const RtcpPopulation listening{.members = 100, .senders = 10, .we_send = false};

  BOOST_TEST((deterministic_interval(sending, 400, 100, 0s) == 10s));
  BOOST_TEST((deterministic_interval(listening, 400, 100, 0s) == 30s));
}

BOOST_AUTO_TEST_CASE(many_senders_share_with_all) {
  const RtcpPopulation crowd{.members = 100, .senders = 26, .we_send = true};

  BOOST_TEST((deterministic_interval(crowd, 400, 100, 0s) == 25s));
}

BOOST_AUTO_TEST_CASE(a_small_session_waits_for_the_minimum) {
  BOOST_TEST((deterministic_interval(kCall, 400, 100, 5s) == 5s));
  BOOST_TEST((deterministic_interval(kCall, 400, 100, 0s) == 500ms));
}

BOOST_AUTO_TEST_CASE(intervals_are_spread_evenly_around_their_compensated_mean) {
  SeededRng rng{1};
  Duration least = 1h;
  Duration most{};
  Duration sum{};
  for (int i = 0; i < 10'000; ++i) {
    const auto drawn = randomized_interval(10s, rng);
    least = std::min(least, drawn);
    most = std::max(most, drawn);
    sum += drawn;
  }
  // 5 to 15 s, divided by 1.21828
  BOOST_TEST((least >= 4104ms && least < 4120ms));
  BOOST_TEST((most <= 12313ms && most > 12295ms));
  const auto mean = std::chrono::duration_cast<std::chrono::milliseconds>(sum / 10'000).count();
  BOOST_TEST(mean > 8110);
  BOOST_TEST(mean < 8310);
}

BOOST_AUTO_TEST_CASE(the_first_packet_waits_half_the_minimum) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    RtcpTimer timer{kBudget, 100, SeededRng{seed}};
    timer.start(Instant{1s}, kCall);
    // 2.5 s times 0.5 to 1.5, divided by 1.21828
    BOOST_TEST((timer.next() >= Instant{1s + 1026ms}));
    BOOST_TEST((timer.next() <= Instant{1s + 3079ms}));
  }
}

// RFC 3550 §6.3.6: a thousand join before the first packet, so it is put off and off again.
BOOST_AUTO_TEST_CASE(members_that_join_put_the_packet_off) {
  RtcpTimer timer{kBudget, 100, SeededRng{2}};
  timer.start(Instant{}, {.members = 1, .senders = 0, .we_send = false});
  const auto first = timer.next();

  const bool sends = timer.expire(first, {.members = 1000, .senders = 0, .we_send = false});

  BOOST_TEST(!sends);
  BOOST_TEST((timer.next() > first + 60s));
}

BOOST_AUTO_TEST_CASE(in_a_session_that_does_not_grow_packets_leave_at_the_mean_interval) {
  RtcpTimer timer{kBudget, 100, SeededRng{3}};
  timer.start(Instant{}, kCall);
  auto now = timer.next();
  int sent = 0;
  while (now < Instant{1h}) {
    if (timer.expire(now, kCall)) {
      timer.note_sent(now, kCall, 100);
      ++sent;
    }
    BOOST_REQUIRE((timer.next() > now));
    now = timer.next();
  }
  // RFC 3550 §6.3.1: reconsideration brings the mean back to the 5 s it was compensated for.
  BOOST_TEST(sent > 680);
  BOOST_TEST(sent < 760);
}

BOOST_AUTO_TEST_CASE(members_that_leave_bring_the_packet_nearer_in_proportion) {
  RtcpTimer timer{kBudget, 100, SeededRng{4}};
  const RtcpPopulation many{.members = 1000, .senders = 0, .we_send = false};
  timer.start(Instant{}, many);
  const auto before = timer.next();
  const Instant now{10s};

  timer.note_departure(now, {.members = 250, .senders = 0, .we_send = false});

  BOOST_TEST((timer.next() - now - (before - now) / 4 < 1us));
  BOOST_TEST((timer.next() > now));
}

BOOST_AUTO_TEST_CASE(a_bye_leaves_at_once_when_there_are_few) {
  RtcpTimer timer{kBudget, 100, SeededRng{5}};
  timer.start(Instant{}, kCall);

  BOOST_TEST(timer.leave(Instant{1s}, {.members = 50, .senders = 0, .we_send = false}, 40));
}

// RFC 3550 §6.3.7: of many that leave together each counts only the byes of the others.
BOOST_AUTO_TEST_CASE(a_bye_backs_off_when_many_leave_together) {
  const RtcpPopulation many{.members = 1000, .senders = 0, .we_send = false};
  RtcpTimer timer{kBudget, 100, SeededRng{6}};
  timer.start(Instant{}, many);

  BOOST_TEST(!timer.leave(Instant{10s}, many, 40));

  const auto soon = timer.next();
  BOOST_TEST((soon >= Instant{10s + 1s} && soon <= Instant{10s + 3100ms}));
  for (int i = 0; i < 500; ++i) timer.note_bye();
  BOOST_TEST(!timer.expire(soon, many));
  BOOST_TEST((timer.next() > soon));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::rtp
