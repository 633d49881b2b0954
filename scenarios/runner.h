// Runs a scenario in the simulated world: the pure function (scenario, topology, seed) -> evidence
// and result.
#pragma once

#include "reports/judge/judge.h"
#include "scenarios/expectations.h"
#include "scenarios/scenario.h"
#include "scenarios/timeline.h"
#include "sim/capture/sink.h"
#include "topologies/topology.h"

#include <cstdint>
#include <iosfwd>
#include <vector>

namespace rtclab::scenario {

// Where a run leaves its evidence; null: not at all, which is faster.
struct EvidenceSinks {
  capture::Sink* capture = nullptr;
  std::ostream* trace = nullptr;
};

struct RunResult {
  std::uint64_t seed = 0;
  std::vector<StepOutcome> steps;
  std::vector<ExpectationOutcome> expectations;
  Chronicles chronicles;
  Records records;
  std::vector<judge::Judgement> judgements;  // where the scenario expects something of them
  std::uint64_t simulator_events = 0;
  bool cut_short = false;  // by the limit on events: what is told is so at that moment

  // Every step done, every expectation met.
  [[nodiscard]] bool as_expected() const;
};

// How much of the simulator a run may take before it is given up; 0: as much as it wants.
struct RunLimits {
  std::uint64_t simulator_events = 0;
};

// Precondition: the scenario fits the topology (the loader has seen to it). One run at a time in a
// process.
[[nodiscard]] RunResult run(const Scenario& scenario, const topology::Topology& topology,
                            std::uint64_t seed, const EvidenceSinks& sinks,
                            const RunLimits& limits = {});

}  // namespace rtclab::scenario
