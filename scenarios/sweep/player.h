// Plays one run of a plan, as a pure function of its number. No evidence is kept: what a sweep
// wants of a run is a row.
#pragma once

#include "scenarios/loader.h"
#include "scenarios/sweep/row.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace rtclab::sweep {

class Player {
 public:
  // Both must outlive the player.
  Player(const Sweep& sweep, const Plan& plan, std::filesystem::path topology_library)
      : sweep_{sweep}, plan_{plan}, topologies_{std::move(topology_library)} {}

  // Precondition: the plan has the run.
  [[nodiscard]] Row play(RunNumber run);

 private:
  const Sweep& sweep_;
  const Plan& plan_;
  std::filesystem::path topologies_;
  // The runs of one cell follow each other, so that its files are read once.
  std::optional<std::size_t> cell_;
  std::optional<FileResult<scenario::Loaded>> loaded_;
};

}  // namespace rtclab::sweep
