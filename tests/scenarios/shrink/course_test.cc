#include "scenarios/shrink/course.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

namespace rtclab::shrink {
namespace {

using scenario::CandidateWay;
using scenario::Chronicle;
using scenario::RunResult;
using State = scenario::StepOutcome::State;

Chronicle through(const std::vector<std::pair<std::string, std::string>>& states) {
  Chronicle chronicle;
  for (const auto& [attribute, value] : states) chronicle.note_state({}, attribute, value);
  return chronicle;
}

RunResult of_alice(Chronicle chronicle) {
  RunResult result;
  result.chronicles.emplace("alice", std::move(chronicle));
  return result;
}

RunResult of_steps(const std::vector<std::pair<std::string, State>>& steps,
                   const std::string& detail = {}) {
  RunResult result;
  for (const auto& [what, state] : steps)
    result.steps.push_back({.state = state, .what = what, .detail = detail});
  return result;
}

bool is_same(const RunResult& original, const RunResult& other) {
  return is_same_way(course_of(original), course_of(other), {"alice"});
}

const std::vector<std::pair<std::string, std::string>> kUnanswered{
    {"signalingState", "have-local-offer"}, {"iceConnectionState", "connected"}};

BOOST_AUTO_TEST_SUITE(course)

BOOST_AUTO_TEST_CASE(who_never_called_went_another_way_than_who_got_no_answer) {
  BOOST_TEST(is_same(of_alice(through(kUnanswered)), of_alice(through(kUnanswered))));
  BOOST_TEST(!is_same(of_alice(through(kUnanswered)), of_alice({})));
  BOOST_TEST(!is_same(of_alice(through(kUnanswered)), RunResult{}));
}

BOOST_AUTO_TEST_CASE(what_is_gone_through_twice_may_be_gone_through_once) {
  auto twice = through({{"signalingState", "have-local-offer"},
                        {"signalingState", "stable"},
                        {"signalingState", "have-local-offer"},
                        {"signalingState", "stable"}});
  auto once = through({{"signalingState", "have-local-offer"}, {"signalingState", "stable"}});
  auto unfinished = through({{"signalingState", "have-local-offer"},
                             {"signalingState", "stable"},
                             {"signalingState", "have-local-offer"}});

  BOOST_TEST(is_same(of_alice(twice), of_alice(once)));
  BOOST_TEST(!is_same(of_alice(twice), of_alice(unfinished)));
}

BOOST_AUTO_TEST_CASE(that_the_application_closes_it_afterwards_does_not_matter) {
  auto closed = through(kUnanswered);
  closed.note_state({}, "signalingState", "closed");

  BOOST_TEST(is_same(of_alice(closed), of_alice(through(kUnanswered))));
}

// Without candidates everything fails.
BOOST_AUTO_TEST_CASE(one_that_never_connected_still_has_the_candidates_to_do_so) {
  constexpr auto kReflexive =
      "candidate:1 1 udp 1694498815 203.0.113.1 5000 typ srflx raddr 192.168.1.2 rport 5000";
  auto with = through({{"iceConnectionState", "checking"}});
  const auto without = with;
  with.note_candidate({}, CandidateWay::Received, kReflexive);
  auto connected_with = with;
  auto connected_without = without;
  for (auto* const chronicle : {&connected_with, &connected_without})
    chronicle->note_state({}, "iceConnectionState", "connected");

  BOOST_TEST(!is_same(of_alice(with), of_alice(without)));
  BOOST_TEST(is_same(of_alice(connected_with), of_alice(connected_without)));
}

BOOST_AUTO_TEST_CASE(a_step_that_is_still_there_has_to_end_as_it_did) {
  const auto original =
      of_steps({{"alice createOffer()", State::Done}, {"wait 3 s", State::NotBegun}});

  BOOST_TEST(is_same(original, of_steps({{"alice createOffer()", State::Done}})));
  BOOST_TEST(is_same(original, of_steps({{"wait 2 s", State::NotBegun}})));
  BOOST_TEST(!is_same(original, of_steps({{"alice createOffer()", State::Failed}})));
  BOOST_TEST(!is_same(original, of_steps({{"wait 3 s", State::Done}})));
}

BOOST_AUTO_TEST_CASE(a_step_that_fails_has_to_fail_by_the_same_words_but_for_their_numbers) {
  const auto original = of_steps({{"wait", State::Failed}}, "2 of 3 messages");

  BOOST_TEST(is_same(original, of_steps({{"wait", State::Failed}}, "1 of 3 messages")));
  BOOST_TEST(!is_same(original, of_steps({{"wait", State::Failed}}, "there is no channel")));
}

// A verdict says by itself what was wrong.
BOOST_AUTO_TEST_CASE(a_failure_that_is_about_nobody_may_come_on_any_way) {
  const auto done = course_of(of_steps({{"alice createOffer()", State::Done}}));
  const auto failed = course_of(of_steps({{"alice createOffer()", State::Failed}}));

  BOOST_TEST(is_same_way(done, failed, {}));
  BOOST_TEST(!is_same_way(done, failed, {"alice"}));
}

BOOST_AUTO_TEST_CASE(a_step_that_a_reduction_has_changed_must_not_fail) {
  const auto original = of_steps({{"alice createOffer({iceRestart})", State::Done}});

  BOOST_TEST(is_same(original, of_steps({{"alice createOffer()", State::Done}})));
  BOOST_TEST(!is_same(original, of_steps({{"alice createOffer()", State::Failed}})));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::shrink
