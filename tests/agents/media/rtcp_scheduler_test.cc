#include "agents/media/rtcp_scheduler.h"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace rtclab::media {
namespace {

using namespace std::chrono_literals;
using Turn = RtcpScheduler::Turn;

BOOST_AUTO_TEST_SUITE(media_rtcp_scheduler)

struct Fixture {
  RtcpSession session{{.members = 2, .senders = 2, .we_send = true}, 64'000};
  // When regular packets of `octets` leave within `length`.
  std::vector<Instant> regular(RtcpScheduler& scheduler, Duration length, std::size_t octets) {
    std::vector<Instant> sent;
    scheduler.start(Instant{}, session);
    for (auto at = *scheduler.next({}); at <= Instant{length}; at = *scheduler.next({})) {
      if (scheduler.turn(at, false) != Turn::Regular) continue;
      sent.push_back(at);
      scheduler.note_size(octets, 1);
    }
    return sent;
  }
};

// 64 kbit/s: 5 % are 400 octets/s. 72 octets and 28 of UDP and IP are 100, for two members: T is
// 2 * 100 / 400 = 0.5 s. RFC 3550 §6.3.1 divides by e - 3/2 because
// reconsideration lets the mean come out as T.
BOOST_FIXTURE_TEST_CASE(the_mean_interval_comes_out_as_t_and_each_is_random, Fixture) {
  RtcpScheduler scheduler{SeededRng{3}, Duration{}};

  const auto sent = regular(scheduler, 1000s, 72);

  const auto mean = 1000.0 / static_cast<double>(sent.size());
  BOOST_TEST(mean == 0.5, boost::test_tools::tolerance(0.06));
  auto least = Duration{1s}, most = Duration{};
  for (std::size_t i = 50; i + 1 < sent.size(); ++i) {
    least = std::min(least, sent[i + 1] - sent[i]);
    most = std::max(most, sent[i + 1] - sent[i]);
  }
  // 0.5 T / 1.21828 = 205 ms at least; 1.5 T / 1.21828 = 616 ms at most, reconsidered.
  BOOST_TEST((least >= 205ms && least < 300ms));
  BOOST_TEST((most > 550ms && most <= 616ms));
}

BOOST_FIXTURE_TEST_CASE(the_first_report_waits_for_half_of_an_interval, Fixture) {
  for (std::uint64_t seed = 1; seed < 50; ++seed) {
    RtcpScheduler scheduler{SeededRng{seed}, Duration{}};
    const auto sent = regular(scheduler, 1s, 100);
    BOOST_REQUIRE(!sent.empty());
    BOOST_TEST((sent.front() >= Instant{100ms} && sent.front() <= Instant{616ms}));
  }
}

// T_rr_interval keeps full reports apart and the slots for feedback as they are.
BOOST_FIXTURE_TEST_CASE(full_reports_keep_the_report_interval, Fixture) {
  RtcpScheduler scheduler{SeededRng{3}, 2s};

  scheduler.start(Instant{}, session);
  std::vector<Instant> full;
  int feedback = 0;
  for (auto at = scheduler.next({}); at && *at <= Instant{200s}; at = scheduler.next({})) {
    const auto turn = scheduler.turn(*at, true);
    if (turn == Turn::Regular) full.push_back(*at);
    if (turn == Turn::FeedbackOnly) ++feedback;
    if (turn != Turn::Nothing) scheduler.note_size(72, 1);
  }

  for (std::size_t i = 0; i + 1 < full.size(); ++i) BOOST_TEST((full[i + 1] - full[i] >= 1s));
  BOOST_TEST((full.size() > 70 && full.size() < 110));
  BOOST_TEST(feedback > 50);
}

BOOST_FIXTURE_TEST_CASE(feedback_leaves_at_once_and_only_once_before_the_next_slot, Fixture) {
  RtcpScheduler scheduler{SeededRng{3}, Duration{}};
  scheduler.start(Instant{}, session);
  const auto slot = *scheduler.next({});

  BOOST_TEST((scheduler.next(Instant{10ms}) == Instant{10ms}));
  BOOST_TEST((scheduler.turn(Instant{10ms}, true) == Turn::Early));
  BOOST_TEST((scheduler.turn(Instant{11ms}, true) == Turn::Nothing));
  // RFC 4585 §3.5.2, step 6: the slot that follows is left out.
  BOOST_TEST((*scheduler.next(Instant{11ms}) > slot));
}

// An early packet takes the place of a slot: 2000 slots of 0.5 s in 1000 s. Slots that no
// reconsideration has delayed are shorter by e - 3/2.
BOOST_FIXTURE_TEST_CASE(early_feedback_takes_no_more_bandwidth_than_none, Fixture) {
  RtcpScheduler scheduler{SeededRng{3}, Duration{}};
  scheduler.start(Instant{}, session);
  int packets = 0;
  for (Instant now{}; now < Instant{1000s}; now += 5ms) {
    if (scheduler.turn(now, true) == Turn::Nothing) continue;
    ++packets;
    scheduler.note_size(72, 1);
  }

  BOOST_TEST(packets <= 2000 * 1.21828);
  BOOST_TEST(packets > 1500);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::media
