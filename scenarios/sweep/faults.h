// Turns an axis of drops into one of points: plays the run that loses nothing, looks at what
// everybody sends in it, and makes a point of each datagram, and of each pair.
//
// A datagram is lost on the link on which its sender puts it, so that each is lost once wherever it
// goes. Its number there is its number in the run that loses nothing; of two that are lost, the
// second is counted in the run that has lost the first.
#pragma once

#include "scenarios/sweep/sweep.h"

#include <filesystem>

namespace rtclab::sweep {

// Replaces each DropAxis of the sweep. Plays one run with the sweep's first seed for each; no
// simulation may be alive.
[[nodiscard]] FileResult<void> resolve_drops(Sweep& sweep,
                                             const std::filesystem::path& topology_library);

}  // namespace rtclab::sweep
