// How a run fails, in words that another run can be compared by: what was expected and what was so
// instead, with # for the numbers in that, so that a run which fails a little later fails the same.
#pragma once

#include "scenarios/runner.h"

#include <string>
#include <vector>

namespace rtclab::shrink {

//   expectation bob connectionState = connected at the end: connectionState = failed since # s
//   step bob createAnswer(): InvalidStateError: …
//   verdict ice-8445-7.2.4-use-candidate
//
// Expectations first, for they say what the scenario is about.
[[nodiscard]] std::vector<std::string> failures_of(const scenario::RunResult& result);

}  // namespace rtclab::shrink
