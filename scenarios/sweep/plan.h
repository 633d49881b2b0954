// The plan of a sweep: every run that belongs to it, in order. A pure function of the sweep.
//
// A run is a cell (a point on each axis) and a seed. Runs are numbered from 1; the seeds of a cell
// follow each other, and cells come in the order in which their axes are combined. So a run's
// number says all that there is to know of it, and is all that has to travel to whoever plays it.
#pragma once

#include "scenarios/sweep/sweep.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace rtclab::sweep {

using RunNumber = std::uint64_t;

struct PlannedAxis {
  std::string name;
  std::vector<std::string> labels;
  bool is_drops = false;
  std::vector<std::vector<std::size_t>> lost{};  // of one of drops: which datagrams at each point
};

struct Cell {
  std::vector<std::size_t> points;  // an index into each axis' labels
  std::vector<scenario::Assignment> assignments;
};

struct Plan {
  std::vector<PlannedAxis> axes;
  std::vector<Cell> cells;
  Seeds seeds{};

  [[nodiscard]] RunNumber runs() const { return cells.size() * seeds.count(); }
  [[nodiscard]] std::size_t cell_of(RunNumber run) const {
    return static_cast<std::size_t>((run - 1) / seeds.count());
  }
  [[nodiscard]] std::uint64_t seed_of(RunNumber run) const {
    return seeds.first + (run - 1) % seeds.count();
  }
  [[nodiscard]] std::string replay(const Sweep& sweep, RunNumber run) const;
};

constexpr RunNumber kMostRuns = 10'000'000;

// The error is one sentence about the combination. Precondition: no DropAxis is left in the axes
// (faults.h).
[[nodiscard]] FileResult<Plan> plan(const Sweep& sweep);

}  // namespace rtclab::sweep
