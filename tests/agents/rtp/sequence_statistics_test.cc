#include "agents/rtp/sequence_statistics.h"

#include "agents/base/rng.h"
#include "agents/rtp/interarrival_jitter.h"

#include <boost/test/unit_test.hpp>

#include <ostream>
#include <set>

namespace rtclab::rtp {

std::ostream& operator<<(std::ostream& out, Sequence sequence) {
  return out << to_string(sequence);
}

namespace {

using namespace std::chrono_literals;

Sequence note(SequenceStatistics& statistics, unsigned number) {
  return statistics.note(SequenceNumber{static_cast<std::uint16_t>(number)});
}

BOOST_AUTO_TEST_SUITE(rtp_sequence_statistics)

BOOST_AUTO_TEST_CASE(two_packets_in_a_row_make_a_source) {
  SequenceStatistics statistics{Trust::AfterProbation};

  BOOST_TEST(note(statistics, 7) == Sequence::Probation);
  BOOST_TEST(note(statistics, 9) == Sequence::Probation);
  BOOST_TEST(!statistics.is_valid());
  BOOST_TEST(note(statistics, 10) == Sequence::InOrder);
  BOOST_TEST(statistics.is_valid());
  BOOST_TEST(statistics.received() == 1u);
  BOOST_TEST(statistics.expected() == 1u);
}

BOOST_AUTO_TEST_CASE(a_trusted_source_counts_from_its_first_packet) {
  SequenceStatistics statistics{Trust::AtOnce};

  BOOST_TEST(!statistics.is_valid());
  BOOST_TEST(note(statistics, 65535) == Sequence::InOrder);
  BOOST_TEST(note(statistics, 0) == Sequence::InOrder);
  BOOST_TEST(statistics.received() == 2u);
  BOOST_TEST(statistics.take_report().extended_highest_sequence_number == 0x10000u);
}

BOOST_AUTO_TEST_CASE(gaps_below_3000_and_steps_back_below_100_are_believed) {
  SequenceStatistics statistics{Trust::AtOnce};
  note(statistics, 1000);

  BOOST_TEST(note(statistics, 1000 + 2999) == Sequence::InOrder);
  BOOST_TEST(note(statistics, 3999 + 3000) == Sequence::Leap);
  BOOST_TEST(note(statistics, 3999 - 99) == Sequence::Late);
  BOOST_TEST(note(statistics, 3999 - 100) == Sequence::Leap);
  BOOST_TEST(statistics.received() == 3u);
}

BOOST_AUTO_TEST_CASE(a_leap_that_is_confirmed_begins_the_counts_anew) {
  SequenceStatistics statistics{Trust::AtOnce};
  note(statistics, 1000);

  BOOST_TEST(note(statistics, 30'000) == Sequence::Leap);
  BOOST_TEST(note(statistics, 1001) == Sequence::InOrder);
  BOOST_TEST(note(statistics, 30'001) == Sequence::Restart);
  BOOST_TEST(statistics.expected() == 1u);
  BOOST_TEST(statistics.lost() == 0);
}

BOOST_AUTO_TEST_CASE(a_report_has_the_fraction_since_the_last_and_the_sum_since_ever) {
  SequenceStatistics statistics{Trust::AtOnce};
  for (unsigned i = 0; i < 100; ++i)
    if (i % 4 != 3) note(statistics, i);

  // 0 … 98 expected, of which 24 are missing.
  BOOST_TEST((statistics.take_report() == LossReport{62, 24, 98}));
  for (unsigned i = 99; i < 200; ++i) note(statistics, i);
  BOOST_TEST((statistics.take_report() == LossReport{0, 24, 199}));
}

BOOST_AUTO_TEST_CASE(doubled_packets_make_the_loss_negative_and_the_fraction_zero) {
  SequenceStatistics statistics{Trust::AtOnce};
  for (const unsigned number : {1u, 1u, 1u, 2u}) note(statistics, number);

  BOOST_TEST((statistics.take_report() == LossReport{0, -2, 2}));
}

BOOST_AUTO_TEST_CASE(counts_agree_with_a_set_of_what_came_over_three_turns) {
  SeededRng rng{3};
  SequenceStatistics statistics{Trust::AtOnce};
  std::uint64_t received = 0;
  std::uint64_t last = 0;
  note(statistics, 40'000);
  for (unsigned i = 40'001; i < 40'000 + 3 * 65'536; ++i) {
    if (rng.below(10) == 0) continue;
    note(statistics, i);
    ++received;
    last = i;
  }

  BOOST_TEST(statistics.received() == received + 1);
  BOOST_TEST(statistics.expected() == last - 40'000 + 1);
  BOOST_TEST(statistics.take_report().extended_highest_sequence_number == last);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(rtp_interarrival_jitter)

BOOST_AUTO_TEST_CASE(an_even_stream_has_no_jitter) {
  InterarrivalJitter jitter{48'000};
  for (int i = 0; i < 100; ++i) {
    jitter.note(Instant{i * 20ms + 3s}, RtpTimestamp{static_cast<std::uint32_t>(i) * 960});
  }
  BOOST_TEST(jitter.value() == 0u);
}

// Every second packet 5 ms late: each spacing is off by 240 ticks, which the estimate approaches.
BOOST_AUTO_TEST_CASE(jitter_approaches_the_mean_deviation) {
  InterarrivalJitter jitter{48'000};
  for (int i = 0; i < 200; ++i) {
    const auto late = i % 2 == 0 ? 0ms : 5ms;
    jitter.note(Instant{i * 20ms + late}, RtpTimestamp{static_cast<std::uint32_t>(i) * 960});
  }
  BOOST_TEST(jitter.value() >= 239u);
  BOOST_TEST(jitter.value() <= 240u);
}

BOOST_AUTO_TEST_CASE(one_spacing_off_counts_a_sixteenth) {
  InterarrivalJitter jitter{90'000};
  jitter.note(Instant{0ms}, RtpTimestamp{0xffffffff});
  jitter.note(Instant{10ms}, RtpTimestamp{0xffffffff});  // 900 ticks later, the same timestamp

  BOOST_TEST(jitter.value() == 900u / 16);
}

BOOST_AUTO_TEST_CASE(the_media_clock_reads_the_same_after_hours) {
  BOOST_TEST(to_media_clock(Instant{1s}, 90'000).value() == 90'000u);
  BOOST_TEST(to_media_clock(Instant{20h + 500ms}, 90'000).value() ==
             static_cast<std::uint32_t>(20ull * 3600 * 90'000 + 45'000));
  BOOST_TEST(to_media_clock(Instant{-1s}, 8'000).value() == 0u - 8'000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::rtp
