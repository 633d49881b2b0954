#include "scenarios/sweep/process_pool.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <stdexcept>

namespace rtclab::sweep {
namespace {

using namespace std::chrono_literals;
namespace data = boost::unit_test::data;

std::vector<RunNumber> numbers(RunNumber count) {
  std::vector<RunNumber> runs;
  for (RunNumber run = 1; run <= count; ++run) runs.push_back(run);
  return runs;
}

// Every row that came, by its run; fails when one comes twice.
std::map<RunNumber, Row> played(RunNumber count, const std::function<Row(RunNumber)>& play,
                                const PoolOptions& options) {
  std::map<RunNumber, Row> rows;
  Dealer dealer{numbers(count),
                [&](const Row& row) { BOOST_TEST(rows.emplace(row.run, row).second, row.run); }};
  BOOST_TEST(play_in_processes(dealer, play, options, [] { return true; }));
  BOOST_TEST(rows.size() == count);
  return rows;
}

Row good(RunNumber run) {
  return {.run = run, .figures = {static_cast<double>(run) * 1.5, true, std::string{"text"}, {}}};
}

BOOST_AUTO_TEST_SUITE(process_pool)

BOOST_DATA_TEST_CASE(every_run_is_played_once_in_however_many_processes, data::make({1U, 2U, 7U}),
                     processes) {
  const auto rows = played(100, good, {.processes = processes});

  for (const auto& [run, row] : rows) BOOST_TEST((row == good(run)), run);
}

BOOST_AUTO_TEST_CASE(a_process_plays_one_run_after_the_other) {
  const auto rows = played(
      50, [](RunNumber run) { return Row{.run = run, .detail = std::to_string(::getpid())}; },
      {.processes = 2});

  std::set<std::string> processes;
  for (const auto& [run, row] : rows) processes.insert(row.detail);
  BOOST_TEST(processes.size() == 2u);
  BOOST_TEST(!processes.contains(std::to_string(::getpid())));
}

Row faulty(RunNumber run) {
  if (run == 3) {
    std::cerr << "demo: Assertion `x' failed.\nand more\n";
    std::signal(SIGABRT, SIG_DFL);
    std::abort();
  }
  if (run == 5) {
    std::signal(SIGSEGV, SIG_DFL);
    std::raise(SIGSEGV);
  }
  if (run == 8) std::_Exit(3);
  if (run == 11) throw std::runtime_error{"a fault of its own"};
  if (run == 9) {
    for (;;) ::pause();
  }
  std::cerr << "a good run says something, too\n";
  return good(run);
}

BOOST_DATA_TEST_CASE(a_run_that_breaks_its_process_costs_that_run_only, data::make({1U, 3U}),
                     processes) {
  const auto rows = played(12, faulty, {.processes = processes, .patience = 300ms});

  const auto expect = [&](RunNumber run, Outcome outcome, const std::string& detail) {
    BOOST_TEST((rows.at(run).outcome == outcome), run);
    BOOST_TEST(rows.at(run).detail == detail);
  };
  expect(3, Outcome::Crashed, "SIGABRT: demo: Assertion `x' failed.");
  expect(5, Outcome::Crashed, "SIGSEGV");
  expect(8, Outcome::Crashed, "it ended with 3");
  expect(11, Outcome::Crashed, "it ended with 70: a fault of its own");
  expect(9, Outcome::Hung, "no answer within 0.3 s");
  for (const RunNumber run : {1, 2, 4, 6, 7, 10, 12}) BOOST_TEST((rows.at(run) == good(run)));
}

BOOST_AUTO_TEST_CASE(who_says_stop_is_obeyed_and_keeps_what_has_come) {
  std::size_t came = 0;
  Dealer dealer{numbers(1000), [&](const Row& /*row*/) { ++came; }};

  BOOST_TEST(!play_in_processes(dealer, good, {.processes = 2}, [&] { return came < 10; }));

  BOOST_TEST(came >= 10u);
  BOOST_TEST(came < 1000u);
  BOOST_TEST(dealer.left() == 1000 - came);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sweep
