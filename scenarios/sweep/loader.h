// Reads a sweep file, and the scenario that it names, and checks that they fit together.
//
// Every complaint is one sentence with file, line and column, what was expected, and the nearest
// valid name. Each point of each axis is tried on the scenario by itself, so that a value that no
// scenario takes is told before the first run.
#pragma once

#include "agents/base/result.h"
#include "scenarios/sweep/sweep.h"
#include "topologies/xml_file.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::sweep {

// Which elements and attributes a sweep file may have; sweep.xsd says the same to editors.
[[nodiscard]] const xml::Grammar& grammar();

struct Libraries {
  std::filesystem::path scenarios;
  std::filesystem::path topologies;
};

// What a person says on the command line beside the file.
struct Wishes {
  std::optional<Seeds> seeds{};
  std::vector<scenario::Assignment> always{};
};

// A scenario named without ".xml" is one of the library; any other is a path seen from the sweep's
// folder. Of DropAxis the run that loses nothing is played here, so no simulation may be alive.
[[nodiscard]] FileResult<Sweep> load(const std::filesystem::path& path, const Libraries& libraries,
                                     const Wishes& wishes = {});

// What the file calls itself, without playing or trying anything.
[[nodiscard]] FileResult<std::string> title_of(const std::filesystem::path& path);

// "1..100", "7"; nullopt when it is none.
[[nodiscard]] std::optional<Seeds> parse_seeds(std::string_view text);

}  // namespace rtclab::sweep
