#include "scenarios/shrink/shrinker.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace rtclab::shrink {
namespace {

const scenario::Texts kTexts{
    .scenario =
        "<scenario><title>t</title><timeline><createOffer peer=\"alice\" at=\"8s\"/><send/>"
        "<close peer=\"bob\"/></timeline></scenario>",
    .topology =
        "<topology><nat name=\"home\" preset=\"symmetric\"/><host name=\"alice\"/><link "
        "a=\"alice\" b=\"home\" loss=\"30%\"/><host name=\"bob\"/></topology>"};

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

BOOST_AUTO_TEST_SUITE(shrinker)

BOOST_AUTO_TEST_CASE(what_the_failure_does_not_need_goes_and_what_it_needs_stays) {
  const auto shrunk =
      shrink(kTexts, {.fails = [](const scenario::Texts& texts) {
               return holds(texts.scenario, "close") && holds(texts.topology, "nat");
             }});

  BOOST_TEST(shrunk.finished);
  BOOST_TEST(holds(shrunk.texts.scenario, "<close />"));
  BOOST_TEST(!holds(shrunk.texts.scenario, "createOffer"));
  BOOST_TEST(holds(shrunk.texts.scenario, "<title>t</title>"));
  BOOST_TEST(holds(shrunk.texts.topology, "<nat />"));
  BOOST_TEST(!holds(shrunk.texts.topology, "host"));
  BOOST_TEST(!holds(shrunk.texts.topology, "link"));
}

BOOST_AUTO_TEST_CASE(a_value_becomes_as_small_and_a_nat_as_open_as_the_failure_allows) {
  const auto shrunk = shrink(kTexts, {.fails = [](const scenario::Texts& texts) {
                               const auto& net = texts.topology;
                               const bool loses = holds(net, "loss=\"30%\"") ||
                                                  holds(net, "loss=\"15%\"") ||
                                                  holds(net, "loss=\"7%\"");
                               const bool filters = holds(net, "preset=\"symmetric\"") ||
                                                    holds(net, "preset=\"port-restricted\"");
                               return loses && filters;
                             }});

  BOOST_TEST(holds(shrunk.texts.topology, "loss=\"7%\""));
  BOOST_TEST(holds(shrunk.texts.topology, "preset=\"port-restricted\""));
}

// Two things of which each can only go when the other has gone take a second pass.
BOOST_AUTO_TEST_CASE(the_search_goes_on_until_nothing_more_can_go) {
  const auto shrunk =
      shrink(kTexts, {.fails = [](const scenario::Texts& texts) {
               return !holds(texts.scenario, "createOffer") || holds(texts.topology, "bob");
             }});

  BOOST_TEST(!holds(shrunk.texts.scenario, "createOffer"));
  BOOST_TEST(!holds(shrunk.texts.topology, "bob"));
}

// With the given seed the failure would stay without the step, too.
BOOST_AUTO_TEST_CASE(what_passes_under_the_control_has_to_go_on_passing_there) {
  const auto shrunk = shrink(kTexts, {.fails = [](const auto&) { return true; },
                                      .passes =
                                          [](const scenario::Texts& texts) {
                                            return holds(texts.scenario, "createOffer");
                                          }});

  BOOST_TEST(holds(shrunk.texts.scenario, "createOffer"));
  BOOST_TEST(!holds(shrunk.texts.scenario, "close"));
  BOOST_TEST(shrunk.progress.runs == 2 * shrunk.progress.tried);
}

BOOST_AUTO_TEST_CASE(a_control_costs_a_run_only_where_the_failure_stays) {
  const auto shrunk = shrink(kTexts, {.fails = [](const auto&) { return false; },
                                      .passes = [](const auto&) { return true; }});

  BOOST_TEST(shrunk.progress.tried > 0u);
  BOOST_TEST(shrunk.progress.runs == shrunk.progress.tried);
}

BOOST_AUTO_TEST_CASE(the_time_that_the_run_is_given_stays) {
  auto texts = kTexts;
  texts.scenario = "<scenario duration=\"60s\"><wait atMost=\"20s\"/></scenario>";

  const auto shrunk = shrink(texts, {.fails = [](const scenario::Texts& smaller) {
                               return holds(smaller.scenario, "wait");
                             }});

  BOOST_TEST(holds(shrunk.texts.scenario, "duration=\"60s\""));
  BOOST_TEST(!holds(shrunk.texts.scenario, "atMost"));
}

BOOST_AUTO_TEST_CASE(a_search_that_is_cut_off_says_so_and_keeps_what_it_has) {
  const auto shrunk = shrink(kTexts, {.fails = [](const auto&) { return true; }, .most_runs = 2});

  BOOST_TEST(!shrunk.finished);
  BOOST_TEST(shrunk.progress.tried == 2u);
  BOOST_TEST(shrunk.progress.kept == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::shrink
