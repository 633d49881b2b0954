#include "scenarios/validate/report.h"

#include "scenarios/validate/sections.h"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>

namespace rtclab::validate {
namespace {

Report a_report(bool agrees) {
  Section section{.name = "loss", .title = "Loss, in short", .source = "arithmetic"};
  section.blocks.emplace_back(Prose{"Words."});
  section.blocks.emplace_back(Table{{"a|b"}, {{"P"}}});
  section.blocks.emplace_back(
      Checks{.caption = "Measured",
             .rows = {{"this", "1", "1", "exact", true}, {"that", "2", "3", "exact", agrees}}});
  section.blocks.emplace_back(
      Checks{.caption = "Cells", .rows = {{"cell", "P", "P", "exact", true}}, .listed = false});
  return {.command = "rtclab validate", .sections = {section}};
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

BOOST_AUTO_TEST_SUITE(validation_report)

BOOST_AUTO_TEST_CASE(it_agrees_exactly_when_every_row_does) {
  BOOST_TEST(a_report(true).agrees());
  BOOST_TEST(!a_report(false).agrees());
}

BOOST_AUTO_TEST_CASE(the_page_begins_with_the_command_and_a_summary) {
  const auto page = to_markdown(a_report(false));

  BOOST_TEST(has(page, "    rtclab validate\n"));
  BOOST_TEST(has(page, "| [Loss, in short](#loss-in-short) | **1 of 3 differ** |"));
  BOOST_TEST(has(to_markdown(a_report(true)), "| all 3 agree |"));
}

BOOST_AUTO_TEST_CASE(the_page_ends_with_what_it_does_not_have_and_why) {
  const auto page = to_markdown(a_report(true));

  BOOST_TEST(has(page, "## What is not on this page\n"));
  BOOST_TEST(page.find("## What is not on this page") > page.find("## Loss, in short"));
}

BOOST_AUTO_TEST_CASE(the_page_shows_what_differs) {
  const auto page = to_markdown(a_report(false));

  BOOST_TEST(has(page, "**Measured:** 1 of 2 agree."));
  BOOST_TEST(has(page, "| that | 2 | 3 | exact | **DIFFERS** |"));
}

BOOST_AUTO_TEST_CASE(rows_that_are_too_many_to_read_stand_on_the_page_when_they_differ) {
  auto report = a_report(true);
  BOOST_TEST(!has(to_markdown(report), "| cell |"));

  std::get<Checks>(report.sections.front().blocks.back()).rows.front().agrees = false;

  BOOST_TEST(has(to_markdown(report), "| cell |"));
}

BOOST_AUTO_TEST_CASE(a_bar_in_a_cell_does_not_end_it) {
  BOOST_TEST(has(to_markdown(a_report(true)), "| a\\|b |"));
}

// The page is made by hand: a run of a minute is no test. What it has to have can be asked.
BOOST_AUTO_TEST_CASE(the_page_in_the_tree_has_every_section_and_all_of_it_agrees) {
  std::ifstream in{RTCLAB_SOURCE_DIR "/docs/validation.md", std::ios::binary};
  const std::string page{std::istreambuf_iterator<char>{in}, {}};

  for (const auto& entry : entries())
    BOOST_TEST(has(page, "rtclab validate --only " + std::string{entry.name} + "`"), entry.name);
  BOOST_TEST(!has(page, "DIFFERS"));
}

BOOST_AUTO_TEST_CASE(json_has_every_row) {
  const auto json = to_json(a_report(false));

  BOOST_TEST(json.at("agrees") == false);
  BOOST_TEST(json.at("sections").at(0).at("checks").size() == 3u);
  BOOST_TEST(json.at("sections").at(0).at("checks").at(1).at("measured") == "3");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::validate
