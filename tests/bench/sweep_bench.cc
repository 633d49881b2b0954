// What a sweep of first calls costs, beside the least that any call must cost, with one process and
// with one for each core.
//
//   build/release/rtclab_sweep_bench [CALLS]
//
// CPU time is that of the processes that play, so that a busy machine disturbs it little; the
// rate by the clock is what a user waits for, and says nothing where others use the machine.
#include "scenarios/sweep/loader.h"
#include "scenarios/sweep/plan.h"
#include "scenarios/sweep/player.h"
#include "scenarios/sweep/process_pool.h"
#include "scenarios/sweep/results.h"
#include "tests/bench/cpu_time.h"
#include "tests/bench/floor.h"
#include "tests/support/scratch_folder.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace rtclab::bench {
namespace {

// Of the children that have ended.
double children_seconds() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double floor_seconds() {
  constexpr int kTimes = 200;
  const auto before = cpu_seconds();
  for (int i = 0; i < kTimes; ++i) certificates_and_handshake();
  return (cpu_seconds() - before) / kTimes;
}

struct Cost {
  double children = 0;  // CPU seconds
  double here = 0;
  double clock = 0;
};

Cost measure(const sweep::Sweep& sweep, const sweep::Plan& plan, const std::string& topologies,
             unsigned processes) {
  const test::ScratchFolder folder;
  auto results =
      sweep::Results::open(folder.path(), sweep, plan, "bench", sweep::Results::Begin::New);
  if (!results) {
    fmt::print(stderr, "{}\n", results.error().to_string());
    std::exit(2);
  }
  std::size_t failed = 0;
  sweep::Player player{sweep, plan, topologies};
  sweep::Dealer dealer{sweep::open_runs(plan, {}), [&](const sweep::Row& row) {
                         if (row.outcome != sweep::Outcome::AsExpected) ++failed;
                         results->keep(row);
                       }};
  const auto clock = std::chrono::steady_clock::now();
  const auto here = cpu_seconds();
  const auto children = children_seconds();
  (void)sweep::play_in_processes(
      dealer, [&](sweep::RunNumber run) { return player.play(run); }, {.processes = processes},
      [] { return true; });
  results->commit();
  if (failed > 0) {
    fmt::print(stderr, "{} calls did not go as expected\n", failed);
    std::exit(1);
  }
  return {children_seconds() - children, cpu_seconds() - here,
          std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count()};
}

int bench(std::uint64_t calls) {
  const std::string root{RTCLAB_SOURCE_DIR};
  sweep::Sweep sweep{.file = "bench",
                     .name = "bench",
                     .scenario = "first-call",
                     .scenario_file = root + "/scenarios/library/first-call.xml",
                     .seeds = {1, calls}};
  const auto plan = sweep::plan(sweep);
  if (!plan) {
    fmt::print(stderr, "{}\n", plan.error().to_string());
    return 2;
  }
  const auto floor = floor_seconds();
  fmt::print("{} first calls of 12 virtual seconds each, without evidence, rows into SQLite\n",
             calls);
  fmt::print("{:<36} {:7.3f} ms CPU  {:6.0f} per second and core\n",
             "floor: 2 certificates, 1 handshake", floor * 1e3, 1 / floor);
  for (const auto processes : {1U, std::max(2U, std::thread::hardware_concurrency())}) {
    const auto cost = measure(sweep, *plan, root + "/topologies/library", processes);
    const auto all = static_cast<double>(calls);
    fmt::print(
        "{:<36} {:7.3f} ms CPU  {:6.0f} per second and core  {:5.2f} x floor  {:6.0f} per second "
        "by "
        "the clock  (dealing out: {:.3f} ms CPU a call)\n",
        fmt::format("sweep, {} process{}", processes, processes == 1 ? "" : "es"),
        cost.children / all * 1e3, all / cost.children, cost.children / all / floor,
        all / cost.clock, cost.here / all * 1e3);
  }
  return 0;
}

}  // namespace
}  // namespace rtclab::bench

int main(int argc, char** argv) {
  return rtclab::bench::bench(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2000);
}
