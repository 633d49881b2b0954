// Reads a topology file (topology.xsd says how one looks) into a Topology.
#pragma once

#include "agents/base/result.h"
#include "topologies/topology.h"

#include <filesystem>

namespace rtclab::topology {

// The topology, complete and consistent as topology.h promises, or the first thing that is wrong
// with it.
[[nodiscard]] FileResult<Topology> load(const std::filesystem::path& path);

// The same for text at hand; `name` stands for the path in messages.
[[nodiscard]] FileResult<Topology> parse(std::string name, std::string text);

}  // namespace rtclab::topology
