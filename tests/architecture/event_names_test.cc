// The list of event names against the sources that make the events.
#include "agents/base/event_names.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>

namespace rtclab {
namespace {

namespace fs = std::filesystem;

// Text of the same form that names no event.
const std::set<std::string> kOthers{"nbd:done", "nbd:finding", "username:realm"};

// Every string "layer:what_happened" of the sources that can report, comments aside.
std::set<std::string> names_in_the_sources() {
  static const std::regex kName{R"re("([a-z]+:[a-z_]+)")re"};
  std::set<std::string> found;
  const fs::path root{RTCLAB_SOURCE_DIR};
  for (const auto* const top : {"agents", "sim", "scenarios"}) {
    for (const auto& entry : fs::recursive_directory_iterator{root / top}) {
      const auto& path = entry.path();
      if (path.extension() != ".h" && path.extension() != ".cc") continue;
      if (path.stem() == "event_names") continue;
      std::ifstream in{path};
      for (std::string line; std::getline(in, line);) {
        line.resize(std::min(line.find("//"), line.size()));
        for (std::sregex_iterator at{line.begin(), line.end(), kName}, end; at != end; ++at)
          found.insert((*at)[1]);
      }
    }
  }
  for (const auto& other : kOthers) found.erase(other);
  return found;
}

BOOST_AUTO_TEST_SUITE(event_names_list)

BOOST_AUTO_TEST_CASE(it_has_every_event_that_is_reported_and_no_other) {
  const auto found = names_in_the_sources();
  BOOST_REQUIRE(found.size() > 100u);
  const std::vector<std::string> reported{found.begin(), found.end()};

  BOOST_TEST(event_names() == reported, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab
