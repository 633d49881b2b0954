// The sweeps that come with rtclab.
#include "scenarios/sweep/plan.h"
#include "scenarios/sweep/player.h"
#include "tests/scenarios/sweep/sweep_files.h"
#include "tests/support/shell.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <set>
#include <sstream>

namespace rtclab::sweep {
namespace {

namespace fs = std::filesystem;
const fs::path kFolder{RTCLAB_SOURCE_DIR "/scenarios/sweeps"};

const std::vector<std::string> kSweeps{
    "dtls-by-loss",      "each-datagram-lost", "glare-by-timing",      "glare-deadlock-by-timing",
    "link-by-link",      "loss-by-delay",      "mail-by-nat-lifetime", "nat-by-nat",
    "relay-only-by-loss"};

BOOST_AUTO_TEST_SUITE(library_of_sweeps)

BOOST_AUTO_TEST_CASE(this_list_holds_every_sweep) {
  std::set<std::string> files;
  for (const auto& entry : fs::directory_iterator{kFolder}) files.insert(entry.path().stem());
  BOOST_TEST((files == std::set<std::string>{kSweeps.begin(), kSweeps.end()}));
}

// All of it is tried that can be tried without playing it: every point of every axis by itself.
// Then the first run and the last.
BOOST_DATA_TEST_CASE(a_sweep_loads_and_plays, boost::unit_test::data::make(kSweeps), name) {
  const auto sweep = load(kFolder / (name + ".xml"), test::kLibraries);
  BOOST_REQUIRE_MESSAGE(sweep.has_value(), test::said(sweep));
  const auto planned = plan(*sweep);
  BOOST_REQUIRE_MESSAGE(planned.has_value(), test::said(planned));

  BOOST_TEST(sweep->name == name);
  BOOST_TEST(!sweep->title.empty());
  BOOST_TEST(planned->runs() >= 100u);
  BOOST_TEST(planned->runs() <= 20'000u);
  Player player{*sweep, *planned, test::kLibraries.topologies};
  for (const auto run : {RunNumber{1}, planned->runs()}) {
    const auto row = player.play(run);
    BOOST_TEST((row.outcome == Outcome::AsExpected || row.outcome == Outcome::Failed),
               to_string(row.outcome) << ": " << row.detail);
    BOOST_TEST(row.figures.size() == sweep->collectors.size());
    BOOST_TEST((player.play(run) == row));
  }
}

BOOST_AUTO_TEST_CASE(the_library_is_valid_by_the_schema) {
  const auto complaints =
      test::output_of("xmllint --noout --schema " RTCLAB_SOURCE_DIR
                      "/scenarios/sweep.xsd " RTCLAB_SOURCE_DIR "/scenarios/sweeps/*.xml 2>&1");
  std::istringstream lines{complaints};
  for (std::string line; std::getline(lines, line);) BOOST_TEST(line.ends_with(" validates"), line);
  BOOST_TEST(complaints.find("nat-by-nat.xml validates") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sweep
