#include "scenarios/cli/sweep_evidence.h"

#include "scenarios/cli/output.h"
#include "scenarios/cli/play.h"

#include <fmt/format.h>

#include <optional>
#include <sstream>

namespace rtclab::cli {
namespace {

namespace fs = std::filesystem;
using sweep::Outcome;
using sweep::Row;

// A run that never answers would not answer here either, and one that was refused leaves nothing.
bool has_evidence(const Row& row) {
  return row.outcome == Outcome::Failed || row.outcome == Outcome::Crashed;
}

FileResult<void> play_again(const Play& again) {
  if (auto made = make_folder(again.folder); !made) return made;
  const auto played = play(again);
  if (!played) return tl::make_unexpected(played.error());
  std::ostringstream printed;
  print(Console{printed, printed, false}, *played);
  return write_file(again.folder / "printed.txt", printed.str());
}

}  // namespace

FileResult<void> keep_evidence(const sweep::Plan& plan, const sweep::Sweep& sweep,
                               const std::vector<Row>& rows, const fs::path& folder,
                               const sweep::PoolOptions& pool, const Console& console) {
  std::vector<sweep::RunNumber> again;
  for (const auto& row : rows)
    if (has_evidence(row)) again.push_back(row.run);
  if (again.size() > kMostEvidence) {
    again.resize(kMostEvidence);
    console.warn(fmt::format("evidence of the first {} runs is kept; each has its replay command",
                             kMostEvidence));
  }
  std::optional<Row> refused;
  sweep::Dealer dealer{again, [&](const Row& row) {
                         if (row.outcome == Outcome::Refused) refused = row;
                       }};
  const auto play_run = [&](sweep::RunNumber run) {
    const auto kept = play_again({.scenario = sweep.scenario,
                                  .seed = plan.seed_of(run),
                                  .assignments = plan.cells[plan.cell_of(run)].assignments,
                                  .folder = folder / "runs" / std::to_string(run)});
    if (kept) return Row{.run = run};
    return Row{.run = run, .outcome = Outcome::Refused, .detail = kept.error().to_string()};
  };
  // What crashes once more has left what it had written by then.
  (void)sweep::play_in_processes(dealer, play_run, pool, [] { return true; });
  if (!refused) return {};
  return tl::make_unexpected(FileError{
      .file = (folder / "runs").string(),
      .message = fmt::format("no evidence of run {}: {}", refused->run, refused->detail)});
}

}  // namespace rtclab::cli
