// rtclab run with a folder or with several scenarios: played by the processes that play sweeps, so
// that a crash or a hang costs one of them, and told in one table at the end.
#pragma once

#include "agents/base/result.h"
#include "scenarios/assignment.h"
#include "scenarios/cli/commands.h"
#include "scenarios/cli/console.h"
#include "scenarios/sweep/process_pool.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace rtclab::cli {

struct ManyRuns {
  std::vector<std::string> scenarios;  // names or paths of files, no folders
  std::uint64_t seed = 1;
  std::vector<scenario::Assignment> assignments{};
  std::filesystem::path out = "out";  // each has a folder in it, by the name of its file
  sweep::PoolOptions pool{};
  bool json = false;
};

// The scenarios that the arguments stand for: a folder for all of its .xml files, sorted.
[[nodiscard]] FileResult<std::vector<std::string>> scenarios_of(
    const std::vector<std::string>& arguments);

// Failed when one of them is not as expected, BadInput when one could not be read.
[[nodiscard]] FileResult<Exit> run_many(const ManyRuns& runs, const Console& console);

}  // namespace rtclab::cli
