#include "scenarios/shrink/failure.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace rtclab::shrink {
namespace {

using scenario::RunResult;
using scenario::Scenario;
using scenario::StepOutcome;
using State = StepOutcome::State;

Scenario with_peers(const std::vector<std::string>& names) {
  Scenario scenario;
  for (const auto& name : names) {
    scenario.peers.emplace_back().name = name;
    scenario.peers.back().machine = name + "-laptop";
  }
  return scenario;
}

scenario::Expected expect_connected(const std::string& peer) {
  return {scenario::ExpectState{scenario::StateCondition{peer, "connectionState", "connected"}}};
}

std::vector<std::string> texts_of(const std::vector<Failure>& failures) {
  std::vector<std::string> texts;
  for (const auto& failure : failures) texts.push_back(failure.text);
  return texts;
}

BOOST_AUTO_TEST_SUITE(failure)

BOOST_AUTO_TEST_CASE(a_failure_is_what_was_expected_and_what_was_so_without_its_numbers) {
  auto scenario = with_peers({"alice", "bob"});
  scenario.expectations = {expect_connected("bob"), expect_connected("alice")};
  RunResult result;
  result.expectations = {
      {.expected = "bob connects by 2 s", .met = false, .seen = "reached at 31.25 s", .line = 1},
      {.expected = "alice connects", .met = true, .seen = "", .line = 2}};

  BOOST_TEST((texts_of(failures_of(scenario, result)) ==
              std::vector<std::string>{"expectation bob connects by 2 s: reached at # s"}));
}

BOOST_AUTO_TEST_CASE(a_step_fails_by_its_error_or_by_not_being_done) {
  auto scenario = with_peers({"alice", "bob"});
  scenario.steps.resize(4);
  RunResult result;
  result.steps = {{.state = State::Failed, .what = "bob createAnswer()", .detail = "TypeError: x"},
                  {.state = State::Running, .what = "wait 3 s", .detail = ""},
                  {.state = State::NotBegun, .what = "bob close()", .detail = ""},
                  {.state = State::Done, .what = "alice close()", .detail = ""}};

  BOOST_TEST(
      (texts_of(failures_of(scenario, result)) ==
       std::vector<std::string>{"step bob createAnswer(): TypeError: x",
                                "step wait 3 s has not ended", "step bob close() has not begun"}));
}

BOOST_AUTO_TEST_CASE(a_run_that_is_cut_short_fails_by_that) {
  RunResult result;
  result.cut_short = true;
  BOOST_TEST(
      (texts_of(failures_of({}, result)) == std::vector<std::string>{"the run does not end"}));
}

using Names = std::set<std::string>;

// It takes two to connect; who talks with neither of them has nothing to do with it.
BOOST_AUTO_TEST_CASE(a_failure_is_about_the_peer_that_it_names_and_about_who_that_one_talks_to) {
  auto scenario = with_peers({"alice", "bob", "carol"});
  scenario.steps.resize(1);
  scenario.steps[0].action = scenario::SendDescription{.peer = "alice", .to = "bob"};
  scenario.expectations = {expect_connected("bob")};
  RunResult result;
  result.steps = {{.state = State::Running, .what = "alice sends", .detail = ""}};
  result.expectations = {{.expected = "bob connects", .met = false, .seen = "", .line = 1}};

  const auto failures = failures_of(scenario, result);

  BOOST_REQUIRE(failures.size() == 2u);
  BOOST_TEST((failures[0].peers == Names{"alice", "bob"}));
  BOOST_TEST((failures[1].peers == Names{"alice", "bob"}));
}

BOOST_AUTO_TEST_CASE(a_wait_is_about_the_peer_that_it_waits_for) {
  auto scenario = with_peers({"alice", "bob", "carol"});
  scenario.steps.resize(3);
  scenario.steps[0].action = scenario::Wait{
      scenario::Trigger{scenario::Condition{scenario::ChannelCondition{"carol", "chat", "open"}}}};
  scenario.steps[1].action =
      scenario::Wait{scenario::Trigger{scenario::PacketTrigger{.machine = "bob-laptop"}}};
  scenario.steps[2].action = scenario::Wait{};
  RunResult result;
  result.steps.resize(3);

  const auto failures = failures_of(scenario, result);

  BOOST_REQUIRE(failures.size() == 3u);
  BOOST_TEST((failures[0].peers == Names{"carol"}));
  BOOST_TEST((failures[1].peers == Names{"bob"}));
  BOOST_TEST((failures[2].peers == Names{}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::shrink
