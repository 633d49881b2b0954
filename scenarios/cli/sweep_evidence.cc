#include "scenarios/cli/sweep_evidence.h"

#include "scenarios/cli/child_process.h"
#include "scenarios/cli/output.h"

#include <fmt/format.h>

namespace rtclab::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> arguments_of(const sweep::Plan& plan, const sweep::Sweep& sweep,
                                      sweep::RunNumber run, const fs::path& folder) {
  std::vector<std::string> words{
      "run", sweep.scenario, "--seed", std::to_string(plan.seed_of(run)), "--out", folder.string()};
  for (const auto& assignment : plan.cells[plan.cell_of(run)].assignments) {
    words.emplace_back("--set");
    words.push_back(to_string(assignment));
  }
  return words;
}

}  // namespace

FileResult<void> keep_evidence(const sweep::Plan& plan, const sweep::Sweep& sweep,
                               const std::vector<sweep::Row>& rows, const fs::path& folder,
                               const Console& console) {
  using sweep::Outcome;
  std::size_t kept = 0;
  for (const auto& row : rows) {
    // A run that never answers would not answer here either.
    const bool can_be_played = row.outcome == Outcome::Failed || row.outcome == Outcome::Crashed;
    if (!can_be_played) continue;
    if (++kept > kMostEvidence) {
      console.warn(fmt::format("evidence of the first {} runs is kept; each has its replay command",
                               kMostEvidence));
      break;
    }
    const auto own = folder / "runs" / std::to_string(row.run);
    if (auto made = make_folder(own); !made) return made;
    const auto child = run_child(own_path(), arguments_of(plan, sweep, row.run, own));
    if (!child) {
      return tl::make_unexpected(
          FileError{.file = own.string(), .message = "rtclab run could not be started"});
    }
    if (auto written = write_file(own / "printed.txt", child->out + child->err); !written)
      return written;
  }
  return {};
}

}  // namespace rtclab::cli
