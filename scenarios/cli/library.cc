#include "scenarios/cli/library.h"

#include "agents/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::cli {
namespace {

namespace fs = std::filesystem;

// RTCLAB_LIBRARY is the source tree that this program was built from.
fs::path folder(Shelf shelf) {
  const fs::path root{RTCLAB_LIBRARY};
  switch (shelf) {
    case Shelf::Scenarios: return root / "scenarios" / "library";
    case Shelf::Topologies: return root / "topologies" / "library";
    case Shelf::Sweeps: return root / "scenarios" / "sweeps";
  }
  __builtin_unreachable();
}

std::string_view kind_of(Shelf shelf) {
  switch (shelf) {
    case Shelf::Scenarios: return "scenario";
    case Shelf::Topologies: return "topology";
    case Shelf::Sweeps: return "sweep";
  }
  __builtin_unreachable();
}

bool looks_like_a_path(std::string_view argument) {
  return argument.find('/') != std::string_view::npos || argument.ends_with(".xml");
}

}  // namespace

std::vector<std::string> library_names(Shelf shelf) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{folder(shelf), error}) {
    if (entry.path().extension() == ".xml") names.push_back(entry.path().stem());
  }
  std::ranges::sort(names);
  return names;
}

fs::path library_path(Shelf shelf, std::string_view name) {
  return folder(shelf) / fmt::format("{}.xml", name);
}

FileResult<fs::path> find_file(Shelf shelf, std::string_view argument) {
  if (looks_like_a_path(argument)) return fs::path{argument};
  const auto names = library_names(shelf);
  if (std::ranges::find(names, argument) != names.end()) return library_path(shelf, argument);
  return tl::make_unexpected(FileError{
      .file = std::string{argument},
      .message =
          fmt::format("no {} of this name in the library{} (\"rtclab list\" shows what is there; "
                      "the path of a file of your own ends in .xml)",
                      kind_of(shelf), did_you_mean(argument, names))});
}

}  // namespace rtclab::cli
