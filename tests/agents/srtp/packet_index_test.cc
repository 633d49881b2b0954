#include "agents/srtp/packet_index.h"

#include "agents/base/rng.h"
#include "agents/srtp/replay_window.h"

#include <boost/test/unit_test.hpp>

#include <set>

namespace rtclab::srtp {
namespace {

BOOST_AUTO_TEST_SUITE(srtp_packet_index)

BOOST_AUTO_TEST_CASE(the_turn_goes_up_with_the_wrap_and_down_for_what_was_overtaken) {
  BOOST_TEST(estimate_index(rtp::SequenceNumber{2}, 65534) == 65538u);
  BOOST_TEST(estimate_index(rtp::SequenceNumber{65533}, 65538) == 65533u);
  BOOST_TEST(rollover_counter(65538) == 1u);
  BOOST_TEST(rollover_counter(65533) == 0u);
}

BOOST_AUTO_TEST_CASE(there_is_no_turn_before_the_first) {
  BOOST_TEST(estimate_index(rtp::SequenceNumber{65530}, 3) == 65530u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(srtp_replay_window)

BOOST_AUTO_TEST_CASE(each_index_is_fresh_once) {
  ReplayWindow window;
  BOOST_TEST(window.is_empty());
  for (const std::uint64_t index : {7u, 5u, 6u, 1000u, 8u}) {
    BOOST_TEST((window.check(index) == Freshness::Fresh));
    window.add(index);
    BOOST_TEST((window.check(index) == Freshness::Replayed));
  }
  BOOST_TEST(window.highest() == 1000u);
}

BOOST_AUTO_TEST_CASE(what_lies_before_the_window_is_too_old) {
  ReplayWindow window;
  window.add(5000);

  BOOST_TEST((window.check(5000 - kReplayWindow + 1) == Freshness::Fresh));
  BOOST_TEST((window.check(5000 - kReplayWindow) == Freshness::TooOld));
}

BOOST_AUTO_TEST_CASE(a_window_agrees_with_a_set_of_all_that_was_seen) {
  SeededRng rng{7};
  ReplayWindow window;
  std::set<std::uint64_t> seen;
  std::uint64_t at = 1'000'000;
  for (int i = 0; i < 20'000; ++i) {
    at += rng.below(3);
    if (rng.below(500) == 0) at += rng.below(3000);
    const auto index = at - rng.below(2 * kReplayWindow);
    const auto verdict = window.check(index);
    if (!seen.empty() && index <= *seen.rbegin() && *seen.rbegin() - index >= kReplayWindow) {
      BOOST_REQUIRE((verdict == Freshness::TooOld));
    } else {
      BOOST_REQUIRE((verdict == (seen.contains(index) ? Freshness::Replayed : Freshness::Fresh)));
    }
    if (verdict != Freshness::Fresh) continue;
    window.add(index);
    seen.insert(index);
  }
  BOOST_TEST(seen.size() > 5000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::srtp
