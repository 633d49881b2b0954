// Runs in processes of their own.
#include "scenarios/shrink/original.h"

#include "scenarios/shrink/shrinker.h"
#include "tests/support/scratch_folder.h"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <string>

namespace rtclab::shrink {
namespace {

namespace fs = std::filesystem;

const fs::path kScenarios = RTCLAB_SOURCE_DIR "/scenarios/library";
const fs::path kTopologies = RTCLAB_SOURCE_DIR "/topologies/library";

// any-call where a fifth of what leaves either home is lost, on a long line.
scenario::Texts lossy_call() {
  std::vector<scenario::Assignment> settings;
  for (const auto* const home : {"home-a", "home-b"}) {
    const auto link = "topology//link[@a='" + std::string{home} + ".outside']/@";
    settings.push_back({link + "loss", "20%"});
    settings.push_back({link + "delay", "320ms"});
  }
  const auto texts = scenario::written_out(kScenarios / "any-call.xml", kTopologies, settings);
  BOOST_REQUIRE(texts.has_value());
  return *texts;
}

Attempt tried(const scenario::Texts& texts, const fs::path& folder, std::uint64_t seed) {
  const auto outcome = attempt(texts, folder, {.seed = seed});
  BOOST_REQUIRE(outcome.has_value());
  return *outcome;
}

// The first seed with which the call does not come about.
std::uint64_t failing_seed(const scenario::Texts& texts, const fs::path& folder) {
  std::uint64_t seed = 1;
  while (passes(tried(texts, folder, seed))) BOOST_REQUIRE(++seed < 100);
  return seed;
}

Original original_of(const scenario::Texts& texts, const fs::path& folder, std::uint64_t seed) {
  const auto outcome = tried(texts, folder, seed);
  const Conditions conditions{.seed = seed, .simulator_events = outcome.simulator_events * 20};
  return {.conditions = conditions,
          .failure = outcome.failures.front(),
          .course = outcome.course,
          .control = find_control(texts, folder, conditions)};
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

BOOST_AUTO_TEST_SUITE(shrink_original)

BOOST_AUTO_TEST_CASE(a_failure_that_came_of_a_loss_still_comes_of_one_when_nothing_more_can_go) {
  const test::ScratchFolder folder;
  const auto texts = lossy_call();
  const auto seed = failing_seed(texts, folder.path());
  const auto original = original_of(texts, folder.path(), seed);
  BOOST_REQUIRE(original.control.has_value());

  const auto shrunk = shrink(texts, {.fails =
                                         [&](const scenario::Texts& smaller) {
                                           const auto outcome =
                                               attempt(smaller, folder.path(), original.conditions);
                                           return outcome && original.fails_alike(*outcome);
                                         },
                                     .passes =
                                         [&](const scenario::Texts& smaller) {
                                           const auto outcome = attempt(
                                               smaller, folder.path(), {.seed = *original.control});
                                           return outcome && passes(*outcome);
                                         }});

  BOOST_TEST(shrunk.finished);
  BOOST_TEST(holds(shrunk.texts.topology, "loss="));
  BOOST_TEST(holds(shrunk.texts.scenario, "<createOffer "));
  BOOST_TEST(shrunk.texts.scenario.size() < texts.scenario.size() * 3 / 4);
  BOOST_TEST(passes(tried(shrunk.texts, folder.path(), *original.control)));
  BOOST_TEST(!passes(tried(shrunk.texts, folder.path(), seed)));
}

BOOST_AUTO_TEST_CASE(one_that_fails_with_every_seed_has_no_control) {
  const test::ScratchFolder folder;
  auto texts = lossy_call();
  const std::string first = "<createOffer ";
  texts.scenario.replace(texts.scenario.find(first), first.size(), "<createAnswer ");

  BOOST_TEST(!find_control(texts, folder.path(), {.seed = 1}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::shrink
