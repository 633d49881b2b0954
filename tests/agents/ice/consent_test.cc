#include "agents/ice/consent.h"

#include "agents/stun/integrity.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::ice {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{};

struct Fixture {
  explicit Fixture(Deviations deviations = {}) : consent{kStart, rng, deviations} {}

  stun::Message check(Instant now) {
    stun::Message message{.cls = stun::Class::Request,
                          .method = stun::Method::Binding,
                          .transaction = consent.pick_id(stun::TransactionId::draw(rng)),
                          .attributes = {}};
    consent.start_check(now, message, stun::seal(message));
    return message;
  }
  static stun::Message answer(const stun::Message& request) {
    return stun::Message::response_to(request, stun::Class::Success);
  }

  SeededRng rng{3};
  Consent consent;
};

BOOST_FIXTURE_TEST_SUITE(ice_consent, Fixture)

// RFC 7675 §5.1: 5 s x U(0.8, 1.2).
BOOST_AUTO_TEST_CASE(checks_come_four_to_six_seconds_apart_and_not_in_step) {
  std::vector<Duration> gaps;
  auto now = kStart;
  for (int i = 0; i < 200; ++i) {
    auto due = now + 4s;
    while (!consent.is_check_due(due)) due += 1ms;
    gaps.push_back(due - now);
    now = due;
    check(now);
  }
  BOOST_TEST((std::ranges::min(gaps) >= 4s && std::ranges::max(gaps) <= 6s + 1ms));
  BOOST_TEST((std::ranges::max(gaps) - std::ranges::min(gaps) > 1500ms));
}

BOOST_AUTO_TEST_CASE(expires_after_thirty_seconds_to_the_nanosecond) {
  BOOST_TEST(!consent.has_expired(kStart + 30s - 1ns));
  BOOST_TEST(consent.has_expired(kStart + 30s));
}

BOOST_AUTO_TEST_CASE(an_answer_to_an_older_check_renews_too) {
  const auto older = check(kStart + 5s);
  check(kStart + 10s);

  consent.note_answer(kStart + 11s, answer(older));

  BOOST_TEST((consent.expires() == kStart + 41s));
}

BOOST_AUTO_TEST_CASE(a_check_is_sent_once) {
  check(kStart + 5s);
  BOOST_TEST(consent.due_requests(kStart + 5s).size() == 1u);
  BOOST_TEST(consent.due_requests(kStart + 20s).empty());
}

BOOST_AUTO_TEST_CASE(each_check_has_an_id_of_its_own) {
  BOOST_TEST((check(kStart + 5s).transaction != check(kStart + 10s).transaction));
}

BOOST_AUTO_TEST_CASE(two_unanswered_checks_are_a_disturbance_and_an_answer_ends_it) {
  check(kStart + 5s);
  const auto second = check(kStart + 10s);
  BOOST_TEST(!consent.is_disturbed(kStart + 11s - 1ns));
  BOOST_TEST(consent.is_disturbed(kStart + 11s));

  consent.note_answer(kStart + 12s, answer(second));

  BOOST_TEST(!consent.is_disturbed(kStart + 12s));
}

BOOST_AUTO_TEST_CASE(a_deviant_agent_resends) {
  Fixture deviant{{Deviation::ConsentResends}};
  deviant.check(kStart + 5s);
  BOOST_TEST(deviant.consent.due_requests(kStart + 5s).size() == 1u);
  BOOST_TEST(deviant.consent.due_requests(kStart + 5500ms).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_deviant_agent_reuses_its_first_id) {
  Fixture deviant{{Deviation::ConsentReusesTransactionId}};
  BOOST_TEST((deviant.check(kStart + 5s).transaction == deviant.check(kStart + 10s).transaction));
}

BOOST_AUTO_TEST_CASE(deviant_agents_keep_to_a_beat) {
  BOOST_TEST(Fixture{{Deviation::ConsentEverySecond}}.consent.is_check_due(kStart + 1s));
  const Fixture fixed{{Deviation::ConsentFixedInterval}};
  BOOST_TEST(!fixed.consent.is_check_due(kStart + 5s - 1ns));
  BOOST_TEST(fixed.consent.is_check_due(kStart + 5s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
