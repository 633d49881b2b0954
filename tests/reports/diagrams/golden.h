// Text that must stay as it was. With RTCLAB_UPDATE set, the file is written instead: read the
// diff.
#pragma once

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace rtclab::test {

inline void expect_golden(const std::filesystem::path& file, const std::string& text) {
  if (std::getenv("RTCLAB_UPDATE") != nullptr) {
    std::ofstream{file, std::ios::binary} << text;
    return;
  }
  std::ifstream in{file, std::ios::binary};
  const std::string expected{std::istreambuf_iterator<char>{in}, {}};
  BOOST_TEST(text == expected, "differs from " << file.filename() << ":\n" << text);
}

}  // namespace rtclab::test
