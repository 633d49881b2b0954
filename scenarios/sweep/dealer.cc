#include "scenarios/sweep/dealer.h"

#include "agents/base/text.h"

namespace rtclab::sweep {

std::vector<RunNumber> open_runs(const Plan& plan, const std::vector<bool>& done, Shard shard) {
  std::vector<RunNumber> open;
  for (RunNumber run = 1; run <= plan.runs(); ++run) {
    const bool is_done = run <= done.size() && done[run - 1];
    if (!is_done && shard.has(run)) open.push_back(run);
  }
  return open;
}

std::optional<Shard> parse_shard(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto shard = parse_unsigned(text.substr(0, slash));
  const auto of = parse_unsigned(text.substr(slash + 1));
  if (!shard || !of || *shard < 1 || *shard > *of || *of > kMostRuns) return std::nullopt;
  return Shard{*shard, *of};
}

}  // namespace rtclab::sweep
