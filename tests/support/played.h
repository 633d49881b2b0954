// A scenario of the library, played once, with everything that it left.
#pragma once

#include "reports/evidence/evidence.h"
#include "scenarios/loader.h"
#include "scenarios/runner.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace rtclab::test {

struct Played {
  scenario::Loaded loaded;
  scenario::RunResult result;
  std::string capture;  // the octets of capture.pcapng
  std::string trace;    // the text of trace.jsonl
};

// Throws std::runtime_error with the loader's sentence when the file is bad.
[[nodiscard]] scenario::Loaded load_library(std::string_view name);
[[nodiscard]] Played play(const scenario::Loaded& loaded, std::uint64_t seed);
[[nodiscard]] inline Played play(std::string_view name, std::uint64_t seed) {
  return play(load_library(name), seed);
}

// The link between `a` and `b` as the topology has it, but losing that share both ways.
[[nodiscard]] scenario::SetLink losing(const topology::Topology& topology, const std::string& a,
                                       const std::string& b, double share);

// What reports/ reads of it, by way of files in a folder of its own that is removed again.
[[nodiscard]] evidence::Evidence evidence_of(const Played& played);

}  // namespace rtclab::test
