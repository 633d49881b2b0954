#include "agents/media/reception.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::media {
namespace {

using namespace std::chrono_literals;

constexpr rtp::Ssrc kSource{7};

struct Fixture {
  Reception reception{8000};
  void receive(int first, int last) {
    for (int i = first; i <= last; ++i)
      (void)reception.receive(Instant{}, rtp::SequenceNumber{static_cast<std::uint16_t>(i)},
                              rtp::RtpTimestamp{0});
  }
};

BOOST_FIXTURE_TEST_SUITE(media_reception, Fixture)

// A.3: of 10 expected packets (100 to 109) 8 came: 2 lost, 2 * 256 / 10 = 51.
BOOST_AUTO_TEST_CASE(fraction_and_sum_of_losses_follow_a_3) {
  receive(100, 104);
  receive(107, 109);

  const auto block = reception.report(Instant{1s}, kSource);

  BOOST_TEST(block.fraction_lost == 51);
  BOOST_TEST(block.cumulative_lost == 2);
  BOOST_TEST(block.extended_highest_sequence_number == 109u);
  BOOST_TEST(block.last_sr.value() == 0u);
  BOOST_TEST(block.delay_since_last_sr.value() == 0u);
}

BOOST_AUTO_TEST_CASE(the_fraction_is_that_of_the_interval_and_the_sum_that_of_the_whole) {
  receive(100, 104);
  receive(107, 109);
  (void)reception.report(Instant{1s}, kSource);
  receive(110, 119);

  const auto block = reception.report(Instant{2s}, kSource);

  BOOST_TEST(block.fraction_lost == 0);
  BOOST_TEST(block.cumulative_lost == 2);
}

// A.3: duplicates make it negative, and the fraction 0.
BOOST_AUTO_TEST_CASE(duplicates_make_the_sum_negative) {
  receive(1, 5);
  receive(3, 5);

  const auto block = reception.report(Instant{1s}, kSource);

  BOOST_TEST(block.fraction_lost == 0);
  BOOST_TEST(block.cumulative_lost == -3);
}

BOOST_AUTO_TEST_CASE(a_turn_of_the_sequence_number_goes_to_the_upper_half) {
  receive(65534, 65535);
  receive(0, 1);

  const auto block = reception.report(Instant{1s}, kSource);

  BOOST_TEST(block.extended_highest_sequence_number == 0x10001u);
  BOOST_TEST(block.cumulative_lost == 0);
}

// A.8 at 8000 Hz: packets 160 ticks apart that arrive after 20, 24 and 18 ms. |D| is 0, then 4 ms =
// 32 ticks, then 2 ms = 16 ticks: J = 32 / 16 = 2 ticks; then 2 + (16 - 2) / 16 = 2.875, cut to 2.
BOOST_AUTO_TEST_CASE(jitter_is_in_timestamp_units_in_reports_and_in_seconds_else) {
  (void)reception.receive(Instant{100ms}, rtp::SequenceNumber{1}, rtp::RtpTimestamp{1000});
  (void)reception.receive(Instant{120ms}, rtp::SequenceNumber{2}, rtp::RtpTimestamp{1160});
  BOOST_TEST(reception.jitter() == 0.0);

  (void)reception.receive(Instant{144ms}, rtp::SequenceNumber{3}, rtp::RtpTimestamp{1320});
  BOOST_TEST(reception.jitter() == 2.0 / 8000);

  (void)reception.receive(Instant{162ms}, rtp::SequenceNumber{4}, rtp::RtpTimestamp{1480});
  BOOST_TEST(reception.report(Instant{1s}, kSource).jitter == 2u);
}

BOOST_AUTO_TEST_CASE(a_leap_is_no_packet_until_another_confirms_it) {
  receive(1, 10);

  const auto first = reception.receive(Instant{}, rtp::SequenceNumber{20000}, rtp::RtpTimestamp{0});
  const auto second =
      reception.receive(Instant{}, rtp::SequenceNumber{20001}, rtp::RtpTimestamp{0});

  BOOST_TEST((first.verdict == rtp::Sequence::Leap));
  BOOST_TEST((second.verdict == rtp::Sequence::Restart));
  BOOST_TEST((rtp::wrap(second.sequence) == rtp::SequenceNumber{20001}));
  BOOST_TEST(reception.lost() == 0);
}

// §6.4.1: LSR is the middle of the NTP timestamp, DLSR counts 1/65536 s: 250 ms are 16384.
BOOST_AUTO_TEST_CASE(lsr_and_dlsr_let_the_round_trip_be_computed) {
  receive(1, 2);
  reception.note_sender_report(Instant{1s}, rtp::NtpTime{0xb705200000000000});

  const auto block = reception.report(Instant{1250ms}, kSource);

  BOOST_TEST(block.last_sr.value() == 0x20000000u);
  BOOST_TEST(block.delay_since_last_sr.value() == 16384u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::media
