#include "scenarios/sweep/dealer.h"

namespace rtclab::sweep {

std::vector<RunNumber> open_runs(const Plan& plan, const std::vector<bool>& done, Shard shard) {
  std::vector<RunNumber> open;
  for (RunNumber run = 1; run <= plan.runs(); ++run) {
    const bool is_done = run <= done.size() && done[run - 1];
    if (!is_done && shard.has(run)) open.push_back(run);
  }
  return open;
}

}  // namespace rtclab::sweep
