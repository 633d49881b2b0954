// Judges the expectations of a scenario by what a run left.
#pragma once

#include "scenarios/account.h"
#include "scenarios/scenario.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::scenario {

struct ExpectationOutcome {
  std::string expected;
  bool met = false;
  std::string seen;  // what was so instead, or when it was met
  std::size_t line = 0;
};

// Whether the scenario is about a requirement that is broken: a <verdict is="fail"> says so.
[[nodiscard]] bool expects_failure(const Scenario& scenario, std::string_view requirement);

[[nodiscard]] std::vector<ExpectationOutcome> judge(const Scenario& scenario,
                                                    const Account& account);

}  // namespace rtclab::scenario
