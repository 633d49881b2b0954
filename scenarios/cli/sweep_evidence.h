// Evidence for the runs of a sweep that were not as expected: each is played once more as its
// replay command plays it, which leaves all that a run leaves.
#pragma once

#include "scenarios/cli/console.h"
#include "scenarios/sweep/plan.h"
#include "scenarios/sweep/process_pool.h"
#include "scenarios/sweep/row.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace rtclab::cli {

constexpr std::size_t kMostEvidence = 100;  // runs; a warning says when there were more

// Into `folder`/runs/N, N being the run's number, with printed.txt for what `rtclab run` prints.
[[nodiscard]] FileResult<void> keep_evidence(const sweep::Plan& plan, const sweep::Sweep& sweep,
                                             const std::vector<sweep::Row>& rows,
                                             const std::filesystem::path& folder,
                                             const sweep::PoolOptions& pool,
                                             const Console& console);

// Of the runs that were not as expected and whose evidence stands in folder/runs: where, seen from
// `folder`.
[[nodiscard]] std::map<sweep::RunNumber, std::string> evidence_in(
    const std::filesystem::path& folder, const std::vector<sweep::Row>& rows);
// What an earlier sweep has left there.
void remove_evidence(const std::filesystem::path& folder);

}  // namespace rtclab::cli
