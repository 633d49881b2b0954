// How a run fails, in words that another run can be compared by: what was expected and what was so
// instead, with # for the numbers in that, so that a run which fails a little later fails the same.
#pragma once

#include "scenarios/runner.h"

#include <set>
#include <string>
#include <vector>

namespace rtclab::shrink {

struct Failure {
  //   expectation bob connectionState = connected at the end: connectionState = failed since # s
  //   step bob createAnswer(): InvalidStateError: …
  //   verdict ice-8445-7.2.4-use-candidate
  std::string text;
  // Whose doing it tells of; of a verdict nobody's, for that says by itself what was wrong.
  std::set<std::string> peers{};

  friend bool operator==(const Failure&, const Failure&) = default;
};

// Expectations first, for they say what the scenario is about. Precondition: the result is that of
// this scenario.
[[nodiscard]] std::vector<Failure> failures_of(const scenario::Scenario& scenario,
                                               const scenario::RunResult& result);

// "failed since 31.25 s" -> "failed since # s".
[[nodiscard]] std::string without_numbers(const std::string& text);

}  // namespace rtclab::shrink
