// The timer, the congestion window, the receive buffer and the table of states, each alone.
#include "sim/host/tcp_congestion.h"
#include "sim/host/tcp_receive_buffer.h"
#include "sim/host/tcp_rto.h"
#include "sim/host/tcp_state.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::tcp {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(tcp_rto)

// RFC 6298 §2.
BOOST_AUTO_TEST_CASE(follows_the_smoothed_round_trip) {
  RetransmissionTimeout rto{{1s, 0s, 60s}};
  BOOST_TEST((rto.value() == 1s));
  rto.sample(100ms);
  BOOST_TEST((rto.value() == 300ms));  // 100 + 4 * 50
  rto.sample(100ms);
  BOOST_TEST((rto.value() == 250ms));  // 100 + 4 * 37.5
  rto.sample(180ms);
  BOOST_TEST((rto.value() == 110ms + 4 * 48'125us));
}

BOOST_AUTO_TEST_CASE(stays_between_its_limits) {
  RetransmissionTimeout rto{{1s, 1s, 60s}};
  rto.sample(1ms);
  BOOST_TEST((rto.value() == 1s));
  for (int i = 0; i < 10; ++i) rto.back_off();
  BOOST_TEST((rto.value() == 60s));
  rto.sample(1ms);  // a round trip is seen again: the back-off is over
  BOOST_TEST((rto.value() == 1s));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tcp_congestion)

constexpr std::uint32_t kMss = 1000;
const Sequence kStart{100};

BOOST_AUTO_TEST_CASE(starts_with_the_window_of_its_segment_size) {
  BOOST_TEST(Congestion(500, kStart).window() == 2000u);
  BOOST_TEST(Congestion(1460, kStart).window() == 4380u);
  BOOST_TEST(Congestion(4000, kStart).window() == 8000u);
}

BOOST_AUTO_TEST_CASE(
    three_duplicates_halve_the_window_and_a_full_acknowledgment_ends_the_recovery) {
  Congestion congestion{kMss, kStart};
  for (std::uint32_t i = 1; i <= 6; ++i) (void)congestion.acknowledged(kStart + i * kMss, kMss);
  BOOST_TEST(congestion.window() == 10'000u);
  const auto una = kStart + 6 * kMss;
  const auto max = una + 10 * kMss;

  BOOST_TEST(!congestion.duplicate(una, max));
  BOOST_TEST(congestion.window() == 11'000u);  // limited transmit
  BOOST_TEST(!congestion.duplicate(una, max));
  BOOST_TEST(congestion.duplicate(una, max));
  BOOST_TEST(congestion.threshold() == 5000u);
  BOOST_TEST(congestion.window() == 8000u);
  BOOST_TEST(!congestion.duplicate(una, max));
  BOOST_TEST(congestion.window() == 9000u);
  BOOST_TEST(congestion.acknowledged(una + 2 * kMss, 2 * kMss));  // partial: the next hole
  BOOST_TEST(congestion.window() == 8000u);
  BOOST_TEST(!congestion.acknowledged(max, 8 * kMss));
  BOOST_TEST(congestion.window() == 5000u);
  BOOST_TEST(!congestion.is_recovering());
}

BOOST_AUTO_TEST_CASE(beyond_the_threshold_it_grows_by_a_segment_each_window) {
  Congestion congestion{kMss, kStart};
  congestion.timed_out(kStart, kStart + 8 * kMss, Congestion::Expiry::First);
  BOOST_TEST(congestion.window() == kMss);
  BOOST_TEST(congestion.threshold() == 4 * kMss);
  congestion.timed_out(kStart, kStart + kMss, Congestion::Expiry::Repeated);
  BOOST_TEST(congestion.threshold() == 4 * kMss);
  auto una = kStart + 8 * kMss;
  for (int i = 0; i < 3; ++i) (void)congestion.acknowledged(una = una + kMss, kMss);
  BOOST_TEST(congestion.window() == 4 * kMss);
  for (int i = 0; i < 4; ++i) (void)congestion.acknowledged(una = una + kMss, kMss);
  BOOST_TEST(congestion.window() == 5 * kMss);
}

// RFC 6582 §3.2: duplicates of what was sent before the timeout say nothing new.
BOOST_AUTO_TEST_CASE(duplicates_after_a_timeout_are_not_a_loss) {
  Congestion congestion{kMss, kStart};
  congestion.timed_out(kStart + 1, kStart + 8 * kMss, Congestion::Expiry::First);
  for (int i = 0; i < 5; ++i) BOOST_TEST(!congestion.duplicate(kStart + kMss, kStart + 8 * kMss));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tcp_receive_buffer)

BOOST_AUTO_TEST_CASE(closes_gaps_and_forgets_what_is_double_or_beyond_the_window) {
  ReceiveBuffer buffer{10, 4};
  const Sequence first{0xffff'fffe};
  buffer.start(first);

  BOOST_TEST(!buffer.insert(first + 3, as_octets("def")));
  BOOST_TEST(buffer.has_gap());
  BOOST_TEST(!buffer.insert(first + 5, as_octets("fghijKLM")));  // cut at the edge
  BOOST_TEST(!buffer.insert(first + 20, as_octets("?")));
  BOOST_TEST(buffer.insert(first, as_octets("abcd")));
  BOOST_TEST(!buffer.has_gap());
  BOOST_TEST(!buffer.insert(first, as_octets("abcd")));
  BOOST_TEST(buffer.window() == 0u);
  BOOST_TEST(as_text(buffer.read(4)) == "abcd");
  BOOST_TEST(buffer.owes_update() == false);  // half a buffer is worth telling
  BOOST_TEST(as_text(buffer.read(99)) == "efghij");
  BOOST_TEST(buffer.owes_update());
  buffer.advance_edge();
  BOOST_TEST(buffer.window() == 10u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tcp_state)

BOOST_AUTO_TEST_CASE(every_state_is_reached_and_left_and_no_move_is_double) {
  for (int i = 0; i <= static_cast<int>(State::Closed); ++i) {
    const State state{static_cast<std::uint8_t>(i)};
    const auto comes = [&](const Move& move) { return move.to == state; };
    const auto leaves = [&](const Move& move) { return move.from == state; };
    const auto moves = all_moves();
    BOOST_TEST_CONTEXT(to_string(state)) {
      BOOST_TEST((state == State::SynSent || std::any_of(moves.begin(), moves.end(), comes)));
      BOOST_TEST((state == State::Closed || std::any_of(moves.begin(), moves.end(), leaves)));
    }
  }
  for (const auto& move : all_moves()) BOOST_TEST((next(move.from, move.cause) == move.to));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::tcp
