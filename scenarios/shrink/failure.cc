#include "scenarios/shrink/failure.h"

#include <algorithm>

namespace rtclab::shrink {
namespace {

using State = scenario::StepOutcome::State;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "failed since 31.25 s" -> "failed since # s".
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

std::vector<std::string> failures_of(const scenario::RunResult& result) {
  std::vector<std::string> failures;
  for (const auto& expectation : result.expectations) {
    if (!expectation.met)
      failures.push_back(with("expectation " + expectation.expected, expectation.seen));
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
