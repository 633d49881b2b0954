// Reads evidence from files. Files come from people: every complaint is a sentence with the file,
// and the line where one can be named.
#pragma once

#include "agents/base/result.h"
#include "reports/evidence/evidence.h"

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace rtclab::evidence {

// No trace and no signalling may be larger, and no capture: it is read into memory, see
// docs/recordings.md for how much that takes.
inline constexpr std::uintmax_t kMaxFileSize = 256u << 20u;
inline constexpr std::uintmax_t kMaxCaptureSize = 1u << 30u;

// A folder: one that `rtclab run` left (it has a trace.jsonl), or a recording's (capture.pcap or
// capture.pcapng, further capture_*.pcap[ng], signalling.json). A file: a capture without
// signalling.
[[nodiscard]] FileResult<Evidence> load(const std::filesystem::path& path);

// A run that was never written: the octets of its capture.pcapng and the text of its trace.jsonl.
[[nodiscard]] FileResult<Evidence> read_run(std::string_view capture, std::string_view trace);

// A recording whose files are named one by one. The first capture is taken at peer a unless its
// addresses say otherwise; `signalling` may be empty.
[[nodiscard]] FileResult<Evidence> load_recording(
    const std::vector<std::filesystem::path>& captures, const std::filesystem::path& signalling);

// Says that these interfaces, by their names, are the two sides of one NAT. A capture file without
// names of interfaces is one interface, named as the file without its ending.
[[nodiscard]] FileResult<void> name_nat(Evidence& evidence, std::string_view inside,
                                        std::string_view outside);

}  // namespace rtclab::evidence
