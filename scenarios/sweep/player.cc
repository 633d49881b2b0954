#include "scenarios/sweep/player.h"

#include "scenarios/runner.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::sweep {
namespace {

using scenario::StepOutcome;

std::string first_failure(const scenario::RunResult& result) {
  const auto failed =
      std::ranges::find(result.steps, StepOutcome::State::Failed, &StepOutcome::state);
  if (failed != result.steps.end()) return fmt::format("{}: {}", failed->what, failed->detail);
  const auto unmet =
      std::ranges::find(result.expectations, false, &scenario::ExpectationOutcome::met);
  if (unmet != result.expectations.end())
    return fmt::format("{}; instead: {}", unmet->expected, unmet->seen);
  const auto open = std::ranges::find_if(
      result.steps, [](const auto& step) { return step.state != StepOutcome::State::Done; });
  return open == result.steps.end() ? "" : fmt::format("{}: not done at the end", open->what);
}

}  // namespace

Row Player::play(RunNumber run) {
  const auto cell = plan_.cell_of(run);
  if (cell_ != cell) {
    cell_ = cell;
    loaded_ = scenario::load(sweep_.scenario_file, topologies_, plan_.cells[cell].assignments);
  }
  Row row{.run = run};
  if (!*loaded_) {
    row.outcome = Outcome::Refused;
    row.detail = loaded_->error().to_string();
    return row;
  }
  const auto result = scenario::run((*loaded_)->scenario, (*loaded_)->topology, plan_.seed_of(run),
                                    {}, {.simulator_events = sweep_.most_events});
  for (const auto& collector : sweep_.collectors) row.figures.push_back(collect(collector, result));
  if (result.cut_short) {
    row.outcome = Outcome::CutShort;
    row.detail = fmt::format("more than {} events", sweep_.most_events);
  } else if (!result.as_expected()) {
    row.outcome = Outcome::Failed;
    row.detail = first_failure(result);
  }
  return row;
}

}  // namespace rtclab::sweep
