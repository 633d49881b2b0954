// RFC 7675: consent, from the nomination on.
#include "tests/reports/judge/case.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::test {
namespace {

using enum Who;
using evidence::Fate;

// Alice's pair is valid at 1.02 s and nominated at 1.12 s.
Case nominated() {
  return std::move(Case{}
                       .negotiated()
                       .answered(1s, {.number = 1})
                       .answered(1100ms, {.number = 2, .nominates = true}));
}

// Consent checks at these times, each under an id of its own.
Case consent_at(std::vector<Duration> times) {
  auto call = nominated();
  unsigned number = 10;
  for (const auto at : times) call.answered(at, {.number = number++});
  return call;
}

BOOST_AUTO_TEST_SUITE(judge_consent)

BOOST_AUTO_TEST_CASE(four_to_six_seconds_at_random_is_as_it_should_be) {
  const auto good = consent_at({6s, 10s, 16s, 20500ms});
  BOOST_TEST(good.verdict("consent-7675-5.1-min-4s") == "pass");
  BOOST_TEST(good.verdict("consent-7675-5.1-randomised") == "pass");
  BOOST_TEST(good.verdict("consent-7675-5.1-new-txid") == "pass");
  BOOST_TEST(good.verdict("consent-7675-5.1-no-resend") == "pass");
}

BOOST_AUTO_TEST_CASE(checks_before_the_nomination_are_no_consent) {
  const auto searching = std::move(Case{}
                                       .negotiated()
                                       .answered(1s, {.number = 1})
                                       .answered(2s, {.number = 2})
                                       .answered(3s, {.number = 3}));
  for (const auto* id : {"consent-7675-5.1-min-4s", "consent-7675-5.1-randomised",
                         "consent-7675-5.1-new-txid", "consent-7675-5.1-no-resend"}) {
    BOOST_TEST(searching.verdict(id) == "inconclusive", id);
  }
}

BOOST_AUTO_TEST_CASE(a_nomination_whose_answer_was_lost_begins_no_consent) {
  auto call = std::move(Case{}.negotiated().answered(1s, {.number = 1}));
  call.packet(1100ms, Alice, Bob, sealed_check({.number = 2, .nominates = true}));
  call.packet(1110ms, Bob, Alice, success(Bob, 2), Fate::Lost);
  call.answered(2s, {.number = 3}).answered(3s, {.number = 4});
  BOOST_TEST(call.verdict("consent-7675-5.1-min-4s") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(the_controlled_side_keeps_consent_too) {
  auto call = nominated();
  call.answered(1200ms, {.who = Bob, .number = 5})
      .answered(2s, {.who = Bob, .number = 6})
      .answered(3s, {.who = Bob, .number = 7});
  BOOST_TEST(call.judged("consent-7675-5.1-min-4s").exhibits.at(0).what ==
             "bob: consent check 1.000 s after the one before");
}

BOOST_AUTO_TEST_CASE(less_than_four_seconds_fails_to_the_nanosecond) {
  BOOST_TEST(consent_at({6s, 10s - 1ns}).verdict("consent-7675-5.1-min-4s") == "fail");
  BOOST_TEST(consent_at({6s, 10s}).verdict("consent-7675-5.1-min-4s") == "pass");
  BOOST_TEST(consent_at({6s}).verdict("consent-7675-5.1-min-4s") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(three_equal_waits_are_not_random) {
  BOOST_TEST(consent_at({6s, 11s, 16s, 21s}).verdict("consent-7675-5.1-randomised") == "fail");
  BOOST_TEST(consent_at({6s, 11s, 16s}).verdict("consent-7675-5.1-randomised") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(waits_too_far_apart_are_of_no_one_period) {
  const auto judgement = consent_at({6s, 7s, 9s, 14s}).judged("consent-7675-5.1-randomised");
  BOOST_TEST(
      judgement.summary ==
      "paths with enough consent checks: 1 of 1 not as required, first alice: 3 waits between "
      "1.000 and 5.000 s, which no one period explains");
}

BOOST_AUTO_TEST_CASE(a_new_check_under_the_old_id_is_no_resend) {
  auto call = nominated();
  call.answered(6s, {.number = 10}).answered(11s, {.number = 10});
  BOOST_TEST(call.verdict("consent-7675-5.1-new-txid") == "fail");
  BOOST_TEST(call.verdict("consent-7675-5.1-no-resend") == "pass");
}

BOOST_AUTO_TEST_CASE(a_copy_half_a_second_later_is_a_resend) {
  auto call = nominated();
  for (const auto at : {6000ms, 6500ms, 7500ms, 9500ms, 13500ms}) {
    call.packet(at, Alice, Bob, sealed_check({.number = 10}), Fate::Lost);
  }
  BOOST_TEST(call.verdict("consent-7675-5.1-new-txid") == "pass");
  const auto judgement = call.judged("consent-7675-5.1-no-resend");
  BOOST_TEST(judgement.summary ==
             "consent checks: 4 of 5 not as required, first alice: consent check sent again after "
             "0.500 s");
  BOOST_TEST(call.verdict("stun-8489-6.2.1-rto-floor") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(data_waits_for_an_answered_check) {
  const auto data_at = [](Duration at) {
    auto call = std::move(Case{}.negotiated().answered(1s, {.number = 1}));
    call.packet(at, Alice, Bob, from_hex("16fefd00000000000000000000"));
    return call.verdict("consent-7675-5.1-no-data-before");
  };
  BOOST_TEST(data_at(1020ms) == "pass");
  BOOST_TEST(data_at(1019ms) == "fail");
  BOOST_TEST(Case{}.negotiated().answered(1s, {}).verdict("consent-7675-5.1-no-data-before") ==
             "inconclusive");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
