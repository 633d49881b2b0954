// Judges the expectations of a scenario by what its peers showed.
#pragma once

#include "scenarios/chronicle.h"
#include "scenarios/scenario.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace rtclab::scenario {

struct ExpectationOutcome {
  std::string expected;
  bool met = false;
  std::string seen;  // what was so instead, or when it was met
  std::size_t line = 0;
};

using Chronicles = std::map<std::string, Chronicle>;  // by the peer's name

[[nodiscard]] std::vector<ExpectationOutcome> judge(const Scenario& scenario,
                                                    const Chronicles& chronicles);

}  // namespace rtclab::scenario
