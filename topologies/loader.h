// Reads a topology file (topology.xsd says how one looks) into a Topology.
#pragma once

#include "agents/base/result.h"
#include "topologies/topology.h"
#include "topologies/xml_file.h"

#include <filesystem>

namespace rtclab::topology {

// The topology, complete and consistent as topology.h promises, or the first thing that is wrong
// with it. `variation` changes what stands in the file.
[[nodiscard]] FileResult<Topology> load(const std::filesystem::path& path,
                                        const xml::Variation& variation = {});

// The same for text at hand; `name` stands for the path in messages.
[[nodiscard]] FileResult<Topology> parse(std::string name, std::string text);

// The text of the file as `load` reads it, on its own. Whether it makes sense is not looked at.
[[nodiscard]] FileResult<std::string> written_out(const std::filesystem::path& path,
                                                  const xml::Variation& variation);

}  // namespace rtclab::topology
