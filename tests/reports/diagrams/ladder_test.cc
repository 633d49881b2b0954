#include "reports/diagrams/sequence.h"
#include "reports/diagrams/story.h"
#include "reports/evidence/load.h"
#include "tests/reports/diagrams/golden.h"

#include <boost/test/unit_test.hpp>

#include <sstream>

using namespace rtclab;

namespace {

const std::filesystem::path kData = RTCLAB_TEST_DATA;

std::size_t columns(const std::string& line) {
  std::size_t count = 0;
  for (const char c : line) count += (static_cast<unsigned char>(c) & 0xc0u) != 0x80u ? 1u : 0u;
  return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_ladder)

BOOST_AUTO_TEST_CASE(of_a_run_tells_deaths_silences_and_folds) {
  const auto evidence = evidence::load(kData / "reports/sample-run").value();

  test::expect_golden(kData / "reports/sample-run.ladder.txt", diagrams::ladder(evidence));
}

BOOST_AUTO_TEST_CASE(of_a_recording_has_two_lifelines) {
  const auto evidence = evidence::load(kData / "recordings/chromium-pion-dc").value();

  test::expect_golden(kData / "reports/chromium-pion-dc.ladder.txt", diagrams::ladder(evidence));
}

BOOST_AUTO_TEST_CASE(keeps_to_its_width) {
  const auto evidence = evidence::load(kData / "recordings/chromium-firefox-relay-only").value();

  for (const std::size_t width : {70u, 100u, 160u}) {
    std::istringstream lines{diagrams::ladder(evidence, {width, diagrams::Colour::Off})};
    std::string title;
    std::getline(lines, title);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("A recording")) continue;
      BOOST_TEST(columns(line) <= width, line);
    }
  }
}

BOOST_AUTO_TEST_CASE(has_colours_only_when_asked) {
  const auto evidence = evidence::load(kData / "reports/sample-run").value();

  BOOST_TEST(diagrams::ladder(evidence).find('\x1b') == std::string::npos);
  BOOST_TEST(diagrams::ladder(evidence, {100, diagrams::Colour::On}).find("\x1b[31m") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_hostile_label_cannot_reach_the_terminal) {
  auto evidence = evidence::load(kData / "reports/sample-run").value();
  evidence.title = "\x1b[2Jgone\n";
  evidence.parties[0].name = "al\x1bice";

  BOOST_TEST(diagrams::ladder(evidence).find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(of_nothing_is_its_title) {
  evidence::Evidence nothing;
  nothing.title = "nothing";

  BOOST_TEST(diagrams::ladder(nothing).starts_with("nothing\n"));
}

BOOST_AUTO_TEST_SUITE_END()
