// Reads a scenario file, and the topology that it stands on, and checks that they fit together.
//
// Every complaint is one sentence with file, line and column, what was expected, and the nearest
// valid name.
#pragma once

#include "agents/base/result.h"
#include "scenarios/assignment.h"
#include "scenarios/scenario.h"
#include "topologies/topology.h"

#include <filesystem>
#include <span>
#include <string>

namespace rtclab::scenario {

struct Loaded {
  Scenario scenario;
  topology::Topology topology;
};

// A topology named without ".xml" is looked for in `topology_library`; any other is a path seen
// from the scenario's folder. `assignments` change either file before it is read.
[[nodiscard]] FileResult<Loaded> load(const std::filesystem::path& path,
                                      const std::filesystem::path& topology_library,
                                      std::span<const Assignment> assignments = {});

// The two files of a scenario as texts that need no others: no parameters, nothing included, and a
// topology that stands beside the scenario as "topology.xml".
struct Texts {
  std::string scenario;
  std::string topology;
};
inline constexpr const char* kTopologyFile = "topology.xml";
// Precondition: load() has found nothing to complain of.
[[nodiscard]] FileResult<Texts> written_out(const std::filesystem::path& path,
                                            const std::filesystem::path& topology_library,
                                            std::span<const Assignment> assignments = {});

}  // namespace rtclab::scenario
