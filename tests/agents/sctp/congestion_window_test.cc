#include "agents/sctp/congestion_window.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::sctp {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPmdcs = 1120;

// A SACK for `bytes` of a window that was full.
CongestionWindow::Acknowledged full(const CongestionWindow& window, std::size_t bytes,
                                    LongTsn tsn = 1) {
  return {.bytes = bytes,
          .flight_before = window.window(),
          .cumulative_advanced = true,
          .cumulative_tsn = tsn};
}

struct Fixture {
  CongestionWindow window{kPmdcs};
};

BOOST_FIXTURE_TEST_SUITE(sctp_congestion_window, Fixture)

BOOST_AUTO_TEST_CASE(begins_with_4404_octets) {
  BOOST_TEST(window.window() == 4404u);
  BOOST_TEST(CongestionWindow{1000}.window() == 4000u);  // 4 * PMDCS is less
  BOOST_TEST(CongestionWindow{4000}.window() == 8000u);  // 2 * PMDCS is more
}

BOOST_AUTO_TEST_CASE(slow_start_adds_what_was_acknowledged_up_to_one_packet) {
  window.acknowledged(full(window, 500));
  BOOST_TEST(window.window() == 4904u);
  window.acknowledged(full(window, 3 * kPmdcs));
  BOOST_TEST(window.window() == 4904u + kPmdcs);
}

BOOST_AUTO_TEST_CASE(a_window_that_was_not_full_does_not_grow) {
  window.acknowledged({.bytes = kPmdcs, .flight_before = 4403, .cumulative_advanced = true});
  BOOST_TEST(window.window() == 4404u);
}

BOOST_AUTO_TEST_CASE(nothing_grows_in_slow_start_without_a_cumulative_advance) {
  window.acknowledged({.bytes = kPmdcs, .flight_before = 9000, .cumulative_advanced = false});
  BOOST_TEST(window.window() == 4404u);
}

BOOST_AUTO_TEST_CASE(a_fast_retransmit_halves_once_per_recovery) {
  for (int i = 0; i < 20; ++i) window.acknowledged(full(window, kPmdcs));
  const auto before = window.window();

  window.fast_retransmit(50);
  window.fast_retransmit(60);

  BOOST_TEST(window.window() == before / 2);
  BOOST_TEST(window.threshold() == before / 2);
  BOOST_TEST(window.in_fast_recovery());
}

BOOST_AUTO_TEST_CASE(recovery_ends_at_the_exit_point_and_not_before) {
  window.fast_retransmit(50);
  window.acknowledged(full(window, kPmdcs, 49));
  BOOST_TEST(window.in_fast_recovery());
  window.acknowledged(full(window, kPmdcs, 50));
  BOOST_TEST(!window.in_fast_recovery());
}

BOOST_AUTO_TEST_CASE(the_window_stands_still_during_recovery) {
  window.fast_retransmit(1000);
  const auto before = window.window();
  for (int i = 0; i < 50; ++i) window.acknowledged(full(window, kPmdcs, 10));
  BOOST_TEST(window.window() == before);
}

BOOST_AUTO_TEST_CASE(never_halves_below_four_packets) {
  window.fast_retransmit(50);
  BOOST_TEST(window.window() == 4 * kPmdcs);
}

BOOST_AUTO_TEST_CASE(avoidance_adds_one_packet_per_window_acknowledged) {
  for (int i = 0; i < 20; ++i) window.acknowledged(full(window, kPmdcs));
  window.fast_retransmit(5);
  window.acknowledged(full(window, 0, 5));  // leaves recovery; cwnd == ssthresh is still slow start
  window.acknowledged(full(window, kPmdcs, 6));
  const auto start = window.window();
  BOOST_REQUIRE(start > window.threshold());

  std::size_t acknowledged = 0;
  while (window.window() == start) {
    window.acknowledged(full(window, kPmdcs, 7));
    acknowledged += kPmdcs;
  }

  BOOST_TEST(window.window() == start + kPmdcs);
  BOOST_TEST(acknowledged >= start);
  BOOST_TEST(acknowledged < start + kPmdcs);
}

BOOST_AUTO_TEST_CASE(a_timeout_leaves_one_packet_until_an_acknowledgement) {
  window.timed_out();

  BOOST_TEST(window.window() == kPmdcs);
  BOOST_TEST(window.threshold() == 4 * kPmdcs);
  BOOST_TEST(window.admits(0));
  BOOST_TEST(!window.admits(1));  // even a small chunk in flight is one packet

  window.acknowledged(full(window, 100));
  BOOST_TEST(window.admits(1));
}

BOOST_AUTO_TEST_CASE(admits_until_the_window_is_reached) {
  BOOST_TEST(window.admits(4403));
  BOOST_TEST(!window.admits(4404));
}

BOOST_AUTO_TEST_CASE(an_idle_sender_loses_half_per_rto_down_to_four_packets) {
  for (int i = 0; i < 60; ++i) window.acknowledged(full(window, kPmdcs));
  const auto before = window.window();

  window.idled(999ms, 1s);
  BOOST_TEST(window.window() == before);
  window.idled(2s, 1s);
  BOOST_TEST(window.window() == before / 2 / 2);
  BOOST_TEST(window.threshold() == before);
  window.idled(60s, 1s);
  BOOST_TEST(window.window() == 4 * kPmdcs);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sctp
