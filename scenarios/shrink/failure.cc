#include "scenarios/shrink/failure.h"

#include "scenarios/shrink/subjects.h"

#include <cassert>
#include <utility>

namespace rtclab::shrink {
namespace {

using State = scenario::StepOutcome::State;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string with(const std::string& what, const std::string& detail) {
  return detail.empty() ? what : what + ": " + without_numbers(detail);
}

std::string step_failure(const scenario::StepOutcome& step) {
  const auto* const how = step.state == State::NotBegun  ? " has not begun"
                          : step.state == State::Running ? " has not ended"
                                                         : "";
  return with("step " + step.what + how, step.detail);
}

}  // namespace

std::string without_numbers(const std::string& text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      plain += text[at++];
      continue;
    }
    plain += '#';
    while (at < text.size() && (is_digit(text[at]) || text[at] == '.')) ++at;
  }
  return plain;
}

std::vector<Failure> failures_of(const scenario::Scenario& scenario,
                                 const scenario::RunResult& result) {
  assert(result.expectations.size() == scenario.expectations.size());
  assert(result.steps.size() == scenario.steps.size());
  std::vector<Failure> failures;
  for (std::size_t at = 0; at < result.expectations.size(); ++at) {
    const auto& outcome = result.expectations[at];
    if (outcome.met) continue;
    failures.push_back({with("expectation " + outcome.expected, outcome.seen),
                        subjects_of(scenario.expectations[at].expectation, scenario)});
  }
  for (std::size_t at = 0; at < result.steps.size(); ++at) {
    const auto& outcome = result.steps[at];
    if (outcome.state == State::Done) continue;
    failures.push_back({step_failure(outcome), subjects_of(scenario.steps[at].action, scenario)});
  }
  for (const auto& judgement : result.judgements) {
    if (judgement.verdict == judge::Verdict::Fail)
      failures.push_back({"verdict " + std::string{judgement.requirement->id}});
  }
  if (result.cut_short) failures.push_back({"the run does not end"});
  return failures;
}

}  // namespace rtclab::shrink
