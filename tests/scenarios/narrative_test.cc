// The summary of a run: what it tells, and what of it needs no evidence.
#include "scenarios/cli/narrative.h"

#include "reports/evidence/media_streams.h"
#include "tests/support/played.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::cli {
namespace {

BOOST_AUTO_TEST_SUITE(a_summary)

// A capture may be too large to be read again.
BOOST_AUTO_TEST_CASE(is_told_without_the_evidence_as_far_as_the_run_knows_it) {
  const auto played = test::play("first-call", 1);
  const auto evidence = test::evidence_of(played);
  const auto& scenario = played.loaded.scenario;
  const std::vector<judge::Judgement> none;

  const auto whole = tell({scenario, played.result, &evidence, {}, none});
  const auto rest = tell({scenario, played.result, nullptr, {}, none});

  for (const std::string_view label : {"connected", "path", "why", "channel", "expected"}) {
    const auto is_it = [&](const page::SummaryRow& row) { return row.label == label; };
    const auto row = std::ranges::find_if(rest, is_it);
    BOOST_REQUIRE_MESSAGE(row != rest.end(), label);
    BOOST_TEST(row->text == std::ranges::find_if(whole, is_it)->text);
  }
  for (const std::string_view label : {"network", "verdicts"}) {
    BOOST_TEST(std::ranges::count(rest, label, &page::SummaryRow::label) == 0, label);
    BOOST_TEST(std::ranges::count(whole, label, &page::SummaryRow::label) == 1, label);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::cli
