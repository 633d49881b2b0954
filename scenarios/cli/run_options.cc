#include "scenarios/cli/run_options.h"

#include "agents/base/text.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

namespace rtclab::cli {

// CLI11 reads -1 as 2^64 - 1; a seed is what a person wrote or nothing.
FileResult<std::uint64_t> seed_of(const std::string& text) {
  if (const auto seed = parse_unsigned(text)) return *seed;
  return tl::make_unexpected(
      FileError{.file = "--seed " + text,
                .message = "expected a whole number from 0 to 18446744073709551615"});
}

void add_settings(CLI::App& command, std::vector<std::string>& settings) {
  command
      .add_option("--set", settings,
                  "NAME=VALUE: another value for a parameter of the scenario, or for any attribute "
                  "of its files: \"topology//nat[@name='home-a']/@preset=symmetric\"")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

FileResult<std::vector<scenario::Assignment>> assignments_of(
    const std::vector<std::string>& settings) {
  std::vector<scenario::Assignment> assignments;
  for (const auto& text : settings) {
    auto assignment = scenario::parse_assignment(text);
    if (!assignment) return tl::make_unexpected(assignment.error());
    assignments.push_back(*std::move(assignment));
  }
  return assignments;
}

void add_processes(CLI::App& command, Processes& processes) {
  command
      .add_option("-j,--jobs", processes.jobs, "How many run at the same time (one for each core)")
      ->check(CLI::Range(1, 1024));
  command
      .add_option("--patience", processes.patience,
                  "Seconds of real time after which a run counts as hung (120)")
      ->check(CLI::Range(0.1, 86400.0));
}

sweep::PoolOptions pool_of(const Processes& processes) {
  return {
      .processes =
          processes.jobs != 0 ? processes.jobs : std::max(1U, std::thread::hardware_concurrency()),
      .patience = std::chrono::milliseconds{static_cast<std::int64_t>(processes.patience * 1e3)}};
}

}  // namespace rtclab::cli
