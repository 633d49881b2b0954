// A bandwidth that changes over time, from a file in mahimahi's form: a line for each opportunity
// to send 1504 octets, with its time in milliseconds from the begin; times never fall. The last one
// is the trace's length, after which it begins anew.
#pragma once

#include "agents/base/result.h"
#include "agents/base/time.h"

#include <filesystem>
#include <vector>

namespace rtclab::topology {

[[nodiscard]] FileResult<std::vector<Duration>> load_bandwidth_trace(
    const std::filesystem::path& path);

}  // namespace rtclab::topology
