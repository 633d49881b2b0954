// One scenario played once, with all that a run leaves: capture, trace, diagrams, verdicts and
// report.
#pragma once

#include "agents/base/result.h"
#include "reports/page/report.h"
#include "scenarios/assignment.h"
#include "scenarios/cli/console.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace rtclab::cli {

struct Play {
  std::string scenario;  // a name of the library, or the path of a file
  std::uint64_t seed = 1;
  std::vector<scenario::Assignment> assignments{};
  std::filesystem::path folder{};  // empty: out/<scenario>
};

struct Played {
  Exit exit = Exit::Failed;  // never BadInput
  std::string title;
  std::string subtitle;  // which scenario, which topology, which seed
  std::vector<page::SummaryRow> rows;
  nlohmann::ordered_json json;  // run.json, where it was left, and the verdicts
};

// An error is bad input, or a folder that cannot be written. Several may be played by one process,
// one after the other.
[[nodiscard]] FileResult<Played> play(const Play& play);

void print(const Console& console, const Played& played);

}  // namespace rtclab::cli
