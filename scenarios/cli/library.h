// The scenarios, topologies and sweeps that come with rtclab, found by name.
#pragma once

#include "agents/base/result.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::cli {

enum class Shelf { Scenarios, Topologies, Sweeps };

// The names on a shelf, sorted: {"first-call", "lossy-call", …}.
[[nodiscard]] std::vector<std::string> library_names(Shelf shelf);
[[nodiscard]] std::filesystem::path library_path(Shelf shelf, std::string_view name);

// What a person means by `argument`: the file of that path, or the one of that name on the shelf.
[[nodiscard]] FileResult<std::filesystem::path> find_file(Shelf shelf, std::string_view argument);

}  // namespace rtclab::cli
