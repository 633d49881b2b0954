#include "scenarios/shrink/failure.h"

#include <algorithm>

namespace rtclab::shrink {
namespace {

using State = scenario::StepOutcome::State;

// Of "InvalidStateError: alice has created …" the name; of what was so instead, nothing.
std::string error_name(const std::string& detail) {
  const auto end = detail.find(':');
  const auto name = detail.substr(0, end);
  return name.ends_with("Error") ? ": " + name : "";
}

std::string step_failure(const scenario::StepOutcome& step) {
  const auto* const how = step.state == State::NotBegun  ? " has not begun"
                          : step.state == State::Running ? " has not ended"
                                                         : "";
  return "step " + step.what + how + error_name(step.detail);
}

}  // namespace

std::vector<std::string> failures_of(const scenario::RunResult& result) {
  std::vector<std::string> failures;
  for (const auto& expectation : result.expectations) {
    if (!expectation.met) failures.push_back("expectation " + expectation.expected);
  }
  for (const auto& step : result.steps) {
    if (step.state != State::Done) failures.push_back(step_failure(step));
  }
  for (const auto& judgement : result.judgements) {
    if (judgement.verdict == judge::Verdict::Fail)
      failures.push_back("verdict " + std::string{judgement.requirement->id});
  }
  if (result.cut_short) failures.emplace_back("the run does not end");
  return failures;
}

}  // namespace rtclab::shrink
