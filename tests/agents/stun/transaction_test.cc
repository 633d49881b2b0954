#include "agents/stun/transaction.h"

#include "agents/stun/integrity.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::stun {
namespace {

using namespace std::chrono_literals;
using Due = Transaction::Due;

constexpr Instant kStart{Duration{123456789}};

Message a_request() {
  SeededRng rng{1};
  Message message;
  message.transaction = TransactionId::draw(rng);
  return message;
}

Transaction a_transaction(Schedule schedule = {}, Deviations deviations = {}) {
  const auto message = a_request();
  return Transaction{message, seal(message), schedule, deviations};
}

Message an_answer(Class cls = Class::Success) {
  return Message::response_to(a_request(), cls);
}

struct Course {
  std::vector<Duration> sends;
  std::optional<Duration> failed;
};

// Runs the transaction to its end; every wakeup is on time.
Course run(Transaction& transaction) {
  Course course;
  auto now = kStart;
  while (true) {
    switch (transaction.poll(now)) {
      case Due::Nothing: break;
      case Due::Send: course.sends.push_back(now - kStart); break;
      case Due::TimedOut: course.failed = now - kStart; break;
    }
    const auto next = transaction.next_wakeup();
    if (!next) return course;
    BOOST_TEST_REQUIRE((*next > now));
    now = *next;
  }
}

BOOST_AUTO_TEST_SUITE(stun_transaction)

BOOST_AUTO_TEST_CASE(sends_and_fails_at_the_times_of_rfc_8489_to_the_nanosecond) {
  auto transaction = a_transaction();

  const auto course = run(transaction);

  const std::vector<Duration> expected{0ms, 500ms, 1500ms, 3500ms, 7500ms, 15500ms, 31500ms};
  BOOST_TEST((course.sends == expected));
  BOOST_TEST((course.failed == Duration{39500ms}));
  BOOST_TEST(transaction.is_over());
}

BOOST_AUTO_TEST_CASE(over_a_reliable_transport_sends_once_and_waits_as_long) {
  auto transaction = a_transaction(Schedule::reliable());

  const auto course = run(transaction);

  BOOST_TEST((course.sends == std::vector<Duration>{0ms}));
  BOOST_TEST((course.failed == Duration{39500ms}));
}

BOOST_AUTO_TEST_CASE(takes_other_numbers) {
  auto transaction = a_transaction({.rto = 100ms, .rc = 3, .rm = 4});

  const auto course = run(transaction);

  BOOST_TEST((course.sends == std::vector<Duration>{0ms, 100ms, 300ms}));
  BOOST_TEST((course.failed == Duration{700ms}));
}

BOOST_AUTO_TEST_CASE(is_silent_before_its_time) {
  auto transaction = a_transaction();
  BOOST_TEST((transaction.poll(kStart) == Due::Send));

  BOOST_TEST((transaction.poll(kStart) == Due::Nothing));
  BOOST_TEST((transaction.poll(kStart + 500ms - 1ns) == Due::Nothing));
  BOOST_TEST((transaction.poll(kStart + 500ms) == Due::Send));
}

BOOST_AUTO_TEST_CASE(woken_late_it_still_leaves_a_whole_interval_between_requests) {
  auto transaction = a_transaction();
  BOOST_TEST((transaction.poll(kStart) == Due::Send));
  BOOST_TEST((transaction.poll(kStart + 700ms) == Due::Send));

  BOOST_TEST((transaction.next_wakeup() == kStart + 1700ms));
}

BOOST_AUTO_TEST_CASE(an_answer_ends_it) {
  auto transaction = a_transaction();
  (void)transaction.poll(kStart);
  BOOST_TEST(transaction.matches(an_answer()));

  const auto round_trip = transaction.note_response(kStart + 40ms);

  BOOST_TEST((round_trip == Duration{40ms}));
  BOOST_TEST(transaction.is_answered());
  BOOST_TEST(transaction.is_over());
  BOOST_TEST(!transaction.next_wakeup().has_value());
  BOOST_TEST((transaction.poll(kStart + 500ms) == Due::Nothing));
}

BOOST_AUTO_TEST_CASE(an_answer_to_a_resent_request_tells_no_round_trip) {
  auto transaction = a_transaction();
  (void)transaction.poll(kStart);
  (void)transaction.poll(kStart + 500ms);

  BOOST_TEST(!transaction.note_response(kStart + 540ms).has_value());
}

BOOST_AUTO_TEST_CASE(an_answer_in_the_last_wait_still_counts) {
  auto transaction = a_transaction();
  for (const auto at : {0ms, 500ms, 1500ms, 3500ms, 7500ms, 15500ms, 31500ms}) {
    BOOST_TEST((transaction.poll(kStart + at) == Due::Send));
  }
  BOOST_TEST((transaction.poll(kStart + 39500ms - 1ns) == Due::Nothing));

  (void)transaction.note_response(kStart + 39500ms - 1ns);

  BOOST_TEST((transaction.poll(kStart + 39500ms) == Due::Nothing));
  BOOST_TEST(transaction.is_answered());
}

BOOST_AUTO_TEST_CASE(only_responses_with_its_id_and_method_match) {
  auto transaction = a_transaction();
  (void)transaction.poll(kStart);

  auto other_id = an_answer();
  other_id.transaction.octets[11] ^= std::byte{1};
  auto other_method = an_answer();
  other_method.method = Method::Allocate;

  BOOST_TEST(transaction.matches(an_answer(Class::Error)));
  BOOST_TEST(!transaction.matches(other_id));
  BOOST_TEST(!transaction.matches(other_method));
  BOOST_TEST(!transaction.matches(a_request()));
  BOOST_TEST(!transaction.matches(an_answer(Class::Indication)));
}

BOOST_AUTO_TEST_CASE(cancelled_it_sends_no_more_but_waits_as_long_for_an_answer) {
  auto transaction = a_transaction();
  (void)transaction.poll(kStart);
  (void)transaction.poll(kStart + 500ms);

  transaction.cancel();

  BOOST_TEST((transaction.next_wakeup() == kStart + 39500ms));
  BOOST_TEST((transaction.poll(kStart + 1500ms) == Due::Nothing));
  BOOST_TEST(!transaction.is_over());
  BOOST_TEST((transaction.poll(kStart + 39500ms) == Due::TimedOut));
  BOOST_TEST(transaction.is_over());
}

BOOST_AUTO_TEST_CASE(cancelled_it_still_takes_an_answer) {
  auto transaction = a_transaction();
  (void)transaction.poll(kStart);
  transaction.cancel();

  (void)transaction.note_response(kStart + 3s);

  BOOST_TEST(transaction.is_answered());
  BOOST_TEST(transaction.is_over());
}

BOOST_AUTO_TEST_CASE(cancelled_before_its_first_request_it_is_over) {
  auto transaction = a_transaction();
  transaction.cancel();
  BOOST_TEST((transaction.poll(kStart) == Due::Nothing));
  BOOST_TEST(transaction.is_over());
}

BOOST_AUTO_TEST_CASE(fixed_interval_deviation_resends_every_rto) {
  auto transaction = a_transaction({}, {Deviation::StunResendFixedInterval});

  const auto course = run(transaction);

  BOOST_TEST((course.sends == std::vector<Duration>{0ms, 500ms, 1s, 1500ms, 2s, 2500ms, 3s}));
  BOOST_TEST((course.failed == Duration{11s}));
}

BOOST_AUTO_TEST_CASE(resend_after_response_deviation_sends_once_more) {
  auto transaction = a_transaction({}, {Deviation::StunResendAfterResponse});
  (void)transaction.poll(kStart);
  (void)transaction.note_response(kStart + 40ms);

  BOOST_TEST(!transaction.is_over());
  BOOST_TEST((transaction.next_wakeup() == kStart + 540ms));
  BOOST_TEST((transaction.poll(kStart + 540ms) == Due::Send));
  BOOST_TEST(transaction.is_over());
}

BOOST_AUTO_TEST_CASE(the_rto_is_never_below_500_ms) {
  RtoEstimator estimator;
  BOOST_TEST((estimator.rto(kStart) == Duration{500ms}));
  estimator.note_round_trip(kStart, 20ms);
  BOOST_TEST((estimator.rto(kStart) == Duration{500ms}));
}

BOOST_AUTO_TEST_CASE(the_rto_follows_a_slow_server_and_is_forgotten_after_ten_minutes) {
  RtoEstimator estimator;
  estimator.note_round_trip(kStart, 2s);
  BOOST_TEST((estimator.rto(kStart) == Duration{6s}));  // RFC 6298 §2.2: SRTT + 4 * SRTT / 2

  for (int i = 0; i < 100; ++i) estimator.note_round_trip(kStart, 2s);

  BOOST_TEST((estimator.rto(kStart) - 2s < 10ms));
  BOOST_TEST((estimator.rto(kStart + 10min) > Duration{500ms}));
  BOOST_TEST((estimator.rto(kStart + 10min + 1ns) == Duration{500ms}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::stun
