// Which peers an expectation or a step is about: those that it names, and those that exchange
// descriptions with them, for it takes two to connect.
#pragma once

#include "scenarios/scenario.h"

#include <set>
#include <string>

namespace rtclab::shrink {

[[nodiscard]] std::set<std::string> subjects_of(const scenario::Expectation& expectation,
                                                const scenario::Scenario& scenario);
// Of a step that happens to the network, or only waits for a time: none.
[[nodiscard]] std::set<std::string> subjects_of(const scenario::Action& action,
                                                const scenario::Scenario& scenario);

}  // namespace rtclab::shrink
