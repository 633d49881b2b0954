#include "agents/sctp/retransmission_timeout.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::sctp {
namespace {

using namespace std::chrono_literals;

constexpr RetransmissionTimeout::Bounds kBounds{.initial = 1s, .min = 1s, .max = 60s};

BOOST_AUTO_TEST_SUITE(sctp_retransmission_timeout)

BOOST_AUTO_TEST_CASE(is_initial_until_something_was_measured) {
  BOOST_TEST((RetransmissionTimeout{kBounds}.current() == 1s));
}

BOOST_AUTO_TEST_CASE(the_first_measurement_gives_three_round_trips) {
  RetransmissionTimeout rto{kBounds};

  rto.measured(600ms);

  // SRTT = R, RTTVAR = R / 2, RTO = SRTT + 4 RTTVAR.
  BOOST_TEST((rto.current() == 1800ms));
  BOOST_TEST((*rto.smoothed() == 600ms));
}

BOOST_AUTO_TEST_CASE(the_second_measurement_moves_an_eighth_and_a_quarter) {
  RetransmissionTimeout rto{kBounds};
  rto.measured(800ms);

  rto.measured(400ms);

  // RTTVAR = 3/4 * 400 + 1/4 * |800 - 400| = 400 ms; SRTT = 7/8 * 800 + 1/8 * 400 = 750 ms.
  BOOST_TEST((*rto.smoothed() == 750ms));
  BOOST_TEST((rto.current() == 2350ms));
}

BOOST_AUTO_TEST_CASE(is_never_below_its_minimum) {
  RetransmissionTimeout rto{kBounds};
  rto.measured(10ms);
  BOOST_TEST((rto.current() == 1s));
}

BOOST_AUTO_TEST_CASE(doubles_up_to_its_maximum) {
  RetransmissionTimeout rto{kBounds};
  for (const auto expected : {2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    rto.back_off();
    BOOST_TEST((rto.current() == expected));
  }
}

BOOST_AUTO_TEST_CASE(a_measurement_ends_the_backing_off) {
  RetransmissionTimeout rto{kBounds};
  rto.back_off();
  rto.back_off();
  rto.measured(500ms);
  BOOST_TEST((rto.current() == 1500ms));
}

BOOST_AUTO_TEST_CASE(a_constant_round_trip_leaves_a_variation_of_one_tick_at_least) {
  RetransmissionTimeout rto{{.initial = 1s, .min = 1ns, .max = 60s}};
  for (int i = 0; i < 200; ++i) rto.measured(100ms);
  BOOST_TEST((rto.current() == 100ms + 4ns));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sctp
