// rtclab run: plays one scenario, or several in processes of their own.
#include "scenarios/cli/commands.h"
#include "scenarios/cli/output.h"
#include "scenarios/cli/play.h"
#include "scenarios/cli/run_many.h"
#include "scenarios/cli/run_options.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <memory>

namespace rtclab::cli {
namespace {

struct Options {
  std::vector<std::string> arguments;  // scenarios and folders of them
  Processes processes;
  std::string seed_text = "1";
  std::vector<std::string> settings;
  std::string out;
  bool json = false;
};

FileResult<Exit> run_one(const Play& one, bool as_json, const Console& console) {
  const auto played = play(one);
  if (!played) return tl::make_unexpected(played.error());
  if (as_json)
    fmt::print(console.out(), "{}\n", to_text(played->json));
  else
    print(console, *played);
  return played->exit;
}

FileResult<Exit> run(const Options& options, const Console& console) {
  auto scenarios = scenarios_of(options.arguments);
  if (!scenarios) return tl::make_unexpected(scenarios.error());
  const auto seed = seed_of(options.seed_text);
  if (!seed) return tl::make_unexpected(seed.error());
  auto assignments = assignments_of(options.settings);
  if (!assignments) return tl::make_unexpected(assignments.error());
  if (options.arguments.size() == 1 && *scenarios == options.arguments) {
    return run_one({scenarios->front(), *seed, *std::move(assignments), options.out}, options.json,
                   console);
  }
  return run_many({.scenarios = *std::move(scenarios),
                   .seed = *seed,
                   .assignments = *std::move(assignments),
                   .out = options.out.empty() ? "out" : options.out,
                   .pool = pool_of(options.processes),
                   .json = options.json},
                  console);
}

}  // namespace

Run add_run(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command
      .add_option("SCENARIO", options->arguments,
                  "A scenario of the library (\"rtclab list scenarios\"), the path of a file that "
                  "ends in .xml, or a folder of such files; several run in processes of their own")
      ->required();
  command.add_option("--seed", options->seed_text, "Same scenario and seed, same bytes")
      ->capture_default_str();
  add_settings(command, options->settings);
  command.add_option("--out", options->out,
                     "The folder for evidence and report (default: out/<scenario>); of several "
                     "scenarios, the one that their folders go into (default: out)");
  add_processes(command, options->processes);
  command.add_flag("--json", options->json, "Print one JSON object instead of the summary");
  return [options](const Console& console) { return console.conclude(run(*options, console)); };
}

}  // namespace rtclab::cli
