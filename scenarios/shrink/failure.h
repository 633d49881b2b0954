// How a run fails, in words that another run can be compared by: what is said of it holds as long
// as the scenario speaks of the same things, whatever the times and numbers were.
#pragma once

#include "scenarios/runner.h"

#include <string>
#include <vector>

namespace rtclab::shrink {

// "expectation bob connectionState = connected at the end", "step bob createAnswer():
// InvalidStateError", "verdict ice-8445-7.2.4-use-candidate". Expectations first, for they say what
// the scenario is about.
[[nodiscard]] std::vector<std::string> failures_of(const scenario::RunResult& result);

}  // namespace rtclab::shrink
