#include "scenarios/sweep/results.h"

#include "scenarios/sweep/csv.h"
#include "tests/support/scratch_folder.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace rtclab::sweep {
namespace {

namespace fs = std::filesystem;

const Sweep kSweep{.file = "demo.xml",
                   .name = "demo",
                   .scenario = "first-call",
                   .seeds = {1, 4},
                   .axes = {.parts = {Axis{.name = "loss", .points = {{"0%", {}}, {"5%", {}}}}}},
                   .collectors = {{"events", CollectSimulatorEvents{}},
                                  {"met", CollectExpectation{"x"}},
                                  {"pair", CollectSelectedPair{.peer = "alice"}}}};

Row row_of(RunNumber run) {
  if (run == 6) return {.run = run, .outcome = Outcome::Crashed, .detail = "SIGABRT: \"x\", y"};
  return {.run = run,
          .figures = {static_cast<double>(run) + 0.25, run % 2 == 0, std::string{"srflx/prflx"}}};
}

std::string content(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

struct Fixture {
  test::ScratchFolder folder;
  Plan plan = *sweep::plan(kSweep);

  [[nodiscard]] FileResult<Results> open(Results::Begin begin,
                                         const std::string& fingerprint = "f") const {
    return Results::open(folder.path(), kSweep, plan, fingerprint, begin);
  }
  void play(std::vector<RunNumber> runs, Results::Begin begin) const {
    auto results = open(begin);
    BOOST_REQUIRE(results.has_value());
    for (const auto run : runs) results->keep(row_of(run));
    results->commit();
  }
};

BOOST_FIXTURE_TEST_SUITE(results, Fixture)

BOOST_AUTO_TEST_CASE(what_was_kept_is_read_again_in_the_order_of_the_runs) {
  play({3, 1, 6, 8}, Results::Begin::New);

  const auto again = open(Results::Begin::Resume);

  BOOST_TEST((again->rows() == std::vector<Row>{row_of(1),
                                                row_of(3),
                                                {.run = 6,
                                                 .outcome = Outcome::Crashed,
                                                 .detail = "SIGABRT: \"x\", y",
                                                 .figures = {{}, {}, {}}},
                                                row_of(8)}));
  BOOST_TEST(
      (again->done() == std::vector<bool>{true, false, true, false, false, true, false, true}));
}

BOOST_AUTO_TEST_CASE(a_row_travels_as_octets) {
  for (const RunNumber run : {1, 2, 6})
    BOOST_TEST((parse_row(to_octets(row_of(run))) == row_of(run)));
  BOOST_TEST(!parse_row(rtclab::to_octets("nonsense")).has_value());
  auto cut = to_octets(row_of(1));
  cut.pop_back();
  BOOST_TEST(!parse_row(cut).has_value());
}

BOOST_AUTO_TEST_CASE(the_finished_file_has_the_same_octets_in_whatever_order_its_rows_came) {
  std::vector<std::string> files;
  for (const auto& order : {std::vector<RunNumber>{1, 2, 3, 4, 5, 6, 7, 8},
                            std::vector<RunNumber>{8, 6, 7, 5, 3, 4, 2, 1}}) {
    play({order.begin(), order.begin() + 3}, Results::Begin::Again);
    play({order.begin() + 3, order.end()}, Results::Begin::Resume);
    open(Results::Begin::Resume)->finish();
    files.push_back(content(folder.path() / kResultsFile));
    BOOST_TEST(!fs::exists(folder.path() / "results.sqlite-wal"));
  }
  BOOST_TEST((files[0] == files[1]));
  BOOST_TEST(files[0].size() > 1000u);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_finished_again_keeps_its_octets) {
  play({1, 2, 3, 4, 5, 6, 7, 8}, Results::Begin::New);
  open(Results::Begin::Resume)->finish();
  const auto once = content(folder.path() / kResultsFile);
  for (int time = 0; time < 3; ++time) open(Results::Begin::Resume)->finish();

  BOOST_TEST((content(folder.path() / kResultsFile) == once));
}

BOOST_AUTO_TEST_CASE(a_finished_file_can_be_gone_on_with) {
  play({1, 2}, Results::Begin::New);
  open(Results::Begin::Resume)->finish();
  play({3}, Results::Begin::Resume);

  BOOST_TEST(open(Results::Begin::Resume)->rows().size() == 3u);
}

BOOST_AUTO_TEST_CASE(results_that_are_there_are_not_written_over_unasked) {
  play({1}, Results::Begin::New);

  BOOST_TEST(open(Results::Begin::New).error().message ==
             "there are results already: --resume goes on with them, --again begins anew");
  BOOST_TEST(open(Results::Begin::Again)->rows().empty());
}

BOOST_AUTO_TEST_CASE(another_sweeps_results_are_not_gone_on_with) {
  play({1}, Results::Begin::New);

  const auto other = open(Results::Begin::Resume, "another");

  BOOST_REQUIRE(!other.has_value());
  BOOST_TEST(other.error().message.starts_with("these are results of another sweep"));
}

BOOST_AUTO_TEST_CASE(what_is_no_database_is_said) {
  folder.write("results.sqlite", std::string(5000, 'x'));

  const auto opened = open(Results::Begin::Resume);

  BOOST_REQUIRE(!opened.has_value());
  BOOST_TEST(opened.error().message.starts_with("no results of rtclab sweep"));
  BOOST_TEST(export_csv(folder.path())
                 .error()
                 .message.starts_with("these are no results of rtclab sweep"));
}

BOOST_AUTO_TEST_CASE(the_runs_and_the_cells_are_told_to_spreadsheets) {
  play({1, 2, 3, 4, 5, 6, 7, 8}, Results::Begin::New);
  open(Results::Begin::Resume)->finish();

  BOOST_REQUIRE(export_csv(folder.path()).has_value());

  const auto runs = content(folder.path() / "runs.csv");
  BOOST_TEST(
      runs.starts_with("run,seed,loss,outcome,detail,events,met,pair\r\n"
                       "1,1,0%,as expected,,1.25,0,srflx/prflx\r\n"
                       "2,2,0%,as expected,,2.25,1,srflx/prflx\r\n"));
  BOOST_TEST(runs.find("\r\n6,2,5%,crashed,\"SIGABRT: \"\"x\"\", y\",,,\r\n") != std::string::npos);
  const auto cells = content(folder.path() / "cells.csv");
  BOOST_TEST(cells.starts_with("loss,runs,as expected,share,low,high,events count,events mean,"));
  BOOST_TEST(cells.find("\r\n0%,4,4,1,") != std::string::npos);
  BOOST_TEST(cells.find("\r\n5%,4,3,0.75,") != std::string::npos);
}

// 0.1 + 0.2 in binary.
BOOST_AUTO_TEST_CASE(spreadsheets_are_told_what_was_measured_and_not_the_last_bits_of_a_double) {
  auto results = open(Results::Begin::New);
  BOOST_REQUIRE(results.has_value());
  results->keep({.run = 1, .figures = {0.1 + 0.2}});
  results->keep({.run = 2, .figures = {1234567890123456.0}});
  results->finish();

  BOOST_REQUIRE(export_csv(folder.path()).has_value());

  const auto runs = content(folder.path() / "runs.csv");
  BOOST_TEST(runs.find("\r\n1,1,0%,as expected,,0.3,") != std::string::npos, runs);
  BOOST_TEST(runs.find("\r\n2,2,0%,as expected,,1234567890123456,") != std::string::npos, runs);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_kept_is_said_with_the_name_of_the_file) {
  auto results = open(Results::Begin::New);
  BOOST_REQUIRE(results.has_value());
  results->keep({.run = 1, .figures = {1.0}});

  BOOST_CHECK_EXCEPTION(results->keep({.run = 1, .figures = {1.0}}), CannotKeep,
                        [](const CannotKeep& fault) {
                          return fault.error.file.ends_with("results.sqlite") &&
                                 fault.error.message.starts_with("results cannot be kept here: ");
                        });
}

BOOST_AUTO_TEST_CASE(the_fingerprint_knows_files_axes_seeds_and_collectors) {
  const auto file = folder.write("a", "one");
  const auto usual = *fingerprint(kSweep, plan, {file});

  BOOST_TEST(*fingerprint(kSweep, plan, {file}) == usual);
  folder.write("a", "two");
  BOOST_TEST(*fingerprint(kSweep, plan, {file}) != usual);
  folder.write("a", "one");
  auto more_seeds = plan;
  more_seeds.seeds.last = 5;
  BOOST_TEST(*fingerprint(kSweep, more_seeds, {file}) != usual);
  auto other_point = plan;
  other_point.cells[1].assignments = {{"loss", "6%"}};
  BOOST_TEST(*fingerprint(kSweep, other_point, {file}) != usual);
  auto fewer = kSweep;
  fewer.collectors.pop_back();
  BOOST_TEST(*fingerprint(fewer, plan, {file}) != usual);
  BOOST_TEST(*fingerprint(kSweep, plan, {file}, {"a topology"}) !=
             *fingerprint(kSweep, plan, {file}, {"another"}));
  BOOST_TEST(!fingerprint(kSweep, plan, {folder.path() / "nothing"}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sweep
