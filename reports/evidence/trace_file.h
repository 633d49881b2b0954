// trace.jsonl, the trace of a run of ours: a header line in the shape of qlog, then one event a
// line.
#pragma once

#include "agents/base/result.h"
#include "reports/evidence/evidence.h"

#include <filesystem>
#include <string_view>

namespace rtclab::evidence {

// Fills title, description, origin, parties, trace and signalling of `evidence`.
[[nodiscard]] FileResult<void> read_trace(const std::filesystem::path& file, Evidence& evidence);
// The same of text at hand; `file` is for messages.
[[nodiscard]] FileResult<void> parse_trace(const std::filesystem::path& file,
                                           std::string_view content, Evidence& evidence);

}  // namespace rtclab::evidence
