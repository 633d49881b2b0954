// What the commands that play a scenario have in common: its seed and what is changed in its files.
#pragma once

#include "agents/base/result.h"
#include "scenarios/assignment.h"

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace rtclab::cli {

// Of --seed.
[[nodiscard]] FileResult<std::uint64_t> seed_of(const std::string& text);
// Declares --set, which can be given many times.
void add_settings(CLI::App& command, std::vector<std::string>& settings);
[[nodiscard]] FileResult<std::vector<scenario::Assignment>> assignments_of(
    const std::vector<std::string>& settings);

}  // namespace rtclab::cli
