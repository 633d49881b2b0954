#include "scenarios/cli/sweep_evidence.h"

#include "agents/base/text.h"
#include "scenarios/cli/output.h"
#include "scenarios/cli/play.h"

#include <fmt/format.h>

#include <optional>
#include <sstream>
#include <system_error>

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

std::map<sweep::RunNumber, std::string> evidence_in(const fs::path& folder,
                                                    const std::vector<Row>& rows) {
  std::map<sweep::RunNumber, std::string> found;
  std::error_code error;
  for (const auto& row : rows) {
    if (!has_evidence(row)) continue;
    // One that crashes leaves no report, but what it had written by then.
    const auto place = fmt::format("runs/{}", row.run);
    if (fs::exists(folder / place / "report.html", error)) {
      found.emplace(row.run, place + "/report.html");
    } else if (fs::exists(folder / place, error)) {
      found.emplace(row.run, place + "/");
    }
  }
  return found;
}

void remove_evidence(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> old;
  for (const auto& entry : fs::directory_iterator{folder / "runs", error}) {
    // Nothing that a person may have put there.
    if (parse_unsigned(entry.path().filename().string())) old.push_back(entry.path());
  }
  for (const auto& path : old) fs::remove_all(path, error);
}

}  // namespace rtclab::cli
