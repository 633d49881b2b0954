// Runs in processes of their own.
#include "scenarios/shrink/attempt.h"

#include "scenarios/shrink/shrinker.h"
#include "tests/support/scratch_folder.h"
#include "topologies/xml_reductions.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace rtclab::shrink {
namespace {

namespace fs = std::filesystem;

bool has(const std::vector<Failure>& failures, const std::string& text) {
  return std::ranges::find(failures, text, &Failure::text) != failures.end();
}

const fs::path kScenarios = RTCLAB_SOURCE_DIR "/scenarios/library";
const fs::path kTopologies = RTCLAB_SOURCE_DIR "/topologies/library";

scenario::Texts texts_of(const std::string& name) {
  const auto texts = scenario::written_out(kScenarios / (name + ".xml"), kTopologies);
  BOOST_REQUIRE(texts.has_value());
  return *texts;
}

void replace(std::string& text, std::string_view old, std::string_view with) {
  const auto at = text.find(old);
  BOOST_REQUIRE(at != std::string::npos);
  text.replace(at, old.size(), with);
}

BOOST_AUTO_TEST_SUITE(shrink_attempt)

BOOST_AUTO_TEST_CASE(a_scenario_of_the_library_written_out_on_its_own_does_as_before) {
  const test::ScratchFolder folder;
  const auto outcome = attempt(texts_of("first-call"), folder.path(), {.seed = 1});

  BOOST_REQUIRE(outcome.has_value());
  BOOST_TEST(outcome->failures.empty());
  BOOST_TEST(outcome->simulator_events > 0u);
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_no_attempt) {
  const test::ScratchFolder folder;
  auto texts = texts_of("first-call");
  replace(texts.scenario, "<peer ", "<peeer ");

  BOOST_TEST(!attempt(texts, folder.path(), {.seed = 1}).has_value());
}

BOOST_AUTO_TEST_CASE(a_run_that_takes_too_many_events_does_not_end) {
  const test::ScratchFolder folder;
  const auto outcome =
      attempt(texts_of("first-call"), folder.path(), {.seed = 1, .simulator_events = 10});

  BOOST_REQUIRE(outcome.has_value());
  BOOST_TEST(has(outcome->failures, "the run does not end"));
}

BOOST_AUTO_TEST_CASE(a_verdict_is_a_failure_only_where_the_judge_is_asked) {
  const test::ScratchFolder folder;
  auto texts = texts_of("first-call");
  replace(texts.scenario, "<iceServer ", "<deviation name=\"ice-no-pacing\"/><iceServer ");
  const auto is_verdict = [](const Failure& failure) {
    return failure.text.starts_with("verdict ");
  };

  const auto unjudged = attempt(texts, folder.path(), {.seed = 1});
  const auto judged = attempt(texts, folder.path(), {.seed = 1, .judged = true});

  BOOST_REQUIRE(unjudged.has_value());
  BOOST_REQUIRE(judged.has_value());
  BOOST_TEST(std::ranges::none_of(unjudged->failures, is_verdict));
  BOOST_TEST(std::ranges::any_of(judged->failures, is_verdict));
}

BOOST_AUTO_TEST_CASE(a_call_that_fails_for_want_of_a_way_shrinks_to_the_two_nats_in_it) {
  const test::ScratchFolder folder;
  auto texts = texts_of("no-direct-path");
  texts.scenario = xml::without(texts.scenario, "iceServer");
  const auto start = attempt(texts, folder.path(), {.seed = 1});
  BOOST_REQUIRE(start.has_value());
  BOOST_REQUIRE(!start->failures.empty());
  const auto failure = start->failures.front().text;

  const auto shrunk = shrink(texts, {.fails = [&](const scenario::Texts& smaller) {
                               const auto outcome = attempt(smaller, folder.path(), {.seed = 1});
                               return outcome && has(outcome->failures, failure);
                             }});

  BOOST_TEST(shrunk.finished);
  BOOST_TEST(shrunk.texts.scenario.size() + shrunk.texts.topology.size() <
             (texts.scenario.size() + texts.topology.size()) * 3 / 4);
  const auto left = attempt(shrunk.texts, folder.path(), {.seed = 1});
  BOOST_REQUIRE(left.has_value());
  BOOST_TEST(has(left->failures, failure));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::shrink
