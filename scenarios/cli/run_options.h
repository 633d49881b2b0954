// What the commands that play scenarios have in common: a seed, what is changed in the files, and
// the processes that play.
#pragma once

#include "agents/base/result.h"
#include "scenarios/assignment.h"
#include "scenarios/sweep/process_pool.h"

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

struct Processes {
  unsigned jobs = 0;      // 0: one for each core
  double patience = 120;  // seconds of real time
};
// Declares --jobs and --patience.
void add_processes(CLI::App& command, Processes& processes);
[[nodiscard]] sweep::PoolOptions pool_of(const Processes& processes);

}  // namespace rtclab::cli
