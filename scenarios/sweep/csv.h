// The results of a sweep for spreadsheets and other programs (RFC 4180).
#pragma once

#include "agents/base/result.h"

#include <filesystem>
#include <vector>

namespace rtclab::sweep {

// Writes beside the database in `folder`, and from it alone: runs.csv, a line for each run in the
// order of their numbers, and cells.csv, a line for each cell with its share of runs as expected,
// Wilson's interval of it, and for each figure how many have it and what they amount to. Returns
// the files.
[[nodiscard]] FileResult<std::vector<std::filesystem::path>> export_csv(
    const std::filesystem::path& folder);

}  // namespace rtclab::sweep
