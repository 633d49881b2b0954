#include "scenarios/shrink/failure.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::shrink {
namespace {

using scenario::RunResult;
using scenario::StepOutcome;
using State = StepOutcome::State;

BOOST_AUTO_TEST_SUITE(failure)

BOOST_AUTO_TEST_CASE(a_failure_is_what_was_expected_and_what_was_so_without_its_numbers) {
  RunResult result;
  result.expectations = {
      {.expected = "bob connects by 2 s", .met = false, .seen = "reached at 31.25 s", .line = 1},
      {.expected = "alice connects", .met = true, .seen = "", .line = 2}};

  BOOST_TEST((failures_of(result) ==
              std::vector<std::string>{"expectation bob connects by 2 s: reached at # s"}));
}

BOOST_AUTO_TEST_CASE(a_step_fails_by_its_error_or_by_not_being_done) {
  RunResult result;
  result.steps = {{.state = State::Failed, .what = "bob createAnswer()", .detail = "TypeError: x"},
                  {.state = State::Running, .what = "wait 3 s", .detail = ""},
                  {.state = State::NotBegun, .what = "bob close()", .detail = ""},
                  {.state = State::Done, .what = "alice close()", .detail = ""}};

  BOOST_TEST(
      (failures_of(result) == std::vector<std::string>{"step bob createAnswer(): TypeError: x",
                                                       "step wait 3 s has not ended",
                                                       "step bob close() has not begun"}));
}

BOOST_AUTO_TEST_CASE(a_run_that_is_cut_short_fails_by_that) {
  RunResult result;
  result.cut_short = true;
  BOOST_TEST((failures_of(result) == std::vector<std::string>{"the run does not end"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::shrink
