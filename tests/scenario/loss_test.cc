// What loss does to a call, beside the arithmetic of it. The table over more seeds is in
// docs/measurements.md.
#include "tests/support/media_loss.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::test {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

// A loss at the very end is noticed by the packet after it, which does not come.
constexpr double kAtTheEnd = 4;

BOOST_AUTO_TEST_SUITE(loss_by_arithmetic)

BOOST_DATA_TEST_CASE(what_is_lost_repaired_and_shown_is_what_chance_says,
                     data::make({0.0, 0.01, 0.02, 0.05, 0.10, 0.20}), loss) {
  const auto sum = run_loss({.loss = loss, .calls = 2, .length = 30s});

  BOOST_TEST_MESSAGE("audio " << sum.audio_lost << " of " << sum.audio_sent << ", video "
                              << sum.video_lost << " of " << sum.video_sent << ", repairs "
                              << sum.repairs_sent << " sent, " << sum.repairs_received
                              << " came; frames " << sum.frames_shown << " of " << sum.frames_sent
                              << ", freezes " << sum.freezes);
  BOOST_TEST(sum.audio_sent > 5900);
  BOOST_TEST(expected_lost(sum.audio_sent, loss).holds(sum.audio_lost, kAtTheEnd));
  // Nothing asks for audio again: what is lost is concealed, and nothing else.
  BOOST_TEST(sum.concealed / 960 <= sum.audio_lost);
  BOOST_TEST(sum.concealed / 960 >= sum.audio_lost - kAtTheEnd);

  BOOST_TEST(expected_lost(sum.video_sent, loss).holds(sum.video_lost, kAtTheEnd));
  BOOST_TEST(expected_repairs_sent(sum.video_lost, loss).holds(sum.repairs_sent, 2 * kAtTheEnd));
  // Ten requests leave (1 - (1 - p)²)^10, which is 0.004 % at 20 %: all but the last packets come.
  BOOST_TEST(sum.repairs_received >= 0.98 * sum.video_lost - kAtTheEnd);
  BOOST_TEST(sum.frames_shown >= 0.98 * sum.frames_sent);
  const auto most = most_freezes(sum.video_lost, loss);
  BOOST_TEST(sum.freezes <= most.mean + 4 * most.deviation);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
