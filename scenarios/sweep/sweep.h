// A sweep as plain values: one scenario, played once for every point of a space, and what is kept
// of each run.
//
// scenarios/sweep.xsd says how a sweep file looks, docs/sweeps.md how one is used. What a file can
// vary it names as `rtclab run --set` does (scenarios/assignment.h).
#pragma once

#include "agents/base/result.h"
#include "scenarios/assignment.h"
#include "scenarios/sweep/axis.h"
#include "scenarios/sweep/collector.h"
#include "scenarios/sweep/view.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace rtclab::sweep {

// Each point of the axes is played with each of these seeds: from `first` to `last`.
struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  friend bool operator==(const Seeds&, const Seeds&) = default;

  [[nodiscard]] std::uint64_t count() const { return last - first + 1; }
};

struct Sweep {
  std::string file;
  std::string name;
  std::string title;
  std::string description;
  std::string scenario;  // as `rtclab run` takes it: a name of the library, or a path
  std::filesystem::path scenario_file;
  Seeds seeds{};
  std::uint64_t most_events = 10'000'000;      // of the simulator, that a run may take
  std::vector<scenario::Assignment> always{};  // of every run
  Axes axes{};
  std::vector<Collector> collectors{};
  std::vector<View> views{};  // of the report; empty: those that suit the axes
};

}  // namespace rtclab::sweep
