// The descriptions under tests/data/sdp, for the tests of this folder.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace rtclab::sdp {

inline std::filesystem::path data_folder() {
  return std::filesystem::path{RTCLAB_TEST_DATA} / "sdp";
}

inline std::string content(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// Relative to data_folder(), in alphabetical order.
inline std::vector<std::string> files(const std::string& extension) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{data_folder()}) {
    if (entry.path().extension() != extension) continue;
    names.push_back(std::filesystem::relative(entry.path(), data_folder()).string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace rtclab::sdp
