// rtclab shrink: the smallest scenario that still fails in the same way.
#include "scenarios/cli/commands.h"
#include "scenarios/cli/library.h"
#include "scenarios/cli/output.h"
#include "scenarios/cli/run_options.h"
#include "scenarios/scratch_folder.h"
#include "scenarios/shrink/attempt.h"
#include "scenarios/shrink/original.h"
#include "scenarios/shrink/shrinker.h"
#include "topologies/xml_reductions.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace rtclab::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string scenario;
  std::string seed_text = "1";
  std::vector<std::string> settings;
  std::string failure;
  std::string out;
  std::size_t most_runs = 5000;
};

auto refuse(std::string file, std::string message) {
  return tl::make_unexpected(FileError{.file = std::move(file), .message = std::move(message)});
}

// A run that takes so many times more than the one that fails has lost its way.
constexpr std::uint64_t kEventsOfOne = 20;

FileResult<shrink::Original> how_it_fails(const Options& options, const scenario::Texts& texts,
                                          const fs::path& folder, std::uint64_t seed) {
  shrink::Conditions conditions{.seed = seed};
  auto attempt = shrink::attempt(texts, folder, conditions);
  if (!attempt) {
    return refuse(options.scenario,
                  "this scenario cannot be taken apart: it reads a file beside it");
  }
  const bool wants_verdict = options.failure.starts_with("verdict ");
  if (attempt->failures.empty() || wants_verdict) {
    conditions.judged = true;
    attempt = shrink::attempt(texts, folder, conditions);
  }
  conditions.simulator_events = attempt->simulator_events * kEventsOfOne;
  const auto& failures = attempt->failures;
  if (failures.empty()) {
    return refuse(fmt::format("{} --seed {}", options.scenario, seed),
                  "this run fails in no way: all is as expected, and no verdict is fail");
  }
  const auto wanted = std::ranges::find_if(failures, [&](const shrink::Failure& failure) {
    return failure.text.find(options.failure) != std::string::npos;
  });
  if (wanted == failures.end()) {
    std::vector<std::string> texts_of_all;
    for (const auto& failure : failures) texts_of_all.push_back(failure.text);
    return refuse(
        "--failure " + options.failure,
        fmt::format("the run does not fail so; it fails by: {}", fmt::join(texts_of_all, "; ")));
  }
  return shrink::Original{.conditions = conditions,
                          .failure = *wanted,
                          .course = attempt->course,
                          .control = shrink::find_control(texts, folder, conditions)};
}

// What is tried, and what it has to do.
shrink::Search search_for(const shrink::Original& original, const fs::path& folder) {
  shrink::Search search{.fails = [&](const scenario::Texts& smaller) {
    const auto attempt = shrink::attempt(smaller, folder, original.conditions);
    return attempt && original.fails_alike(*attempt);
  }};
  if (!original.control) return search;
  search.passes = [&, control = original.conditions](const scenario::Texts& smaller) mutable {
    control.seed = *original.control;
    const auto attempt = shrink::attempt(smaller, folder, control);
    return attempt && shrink::passes(*attempt);
  };
  return search;
}

// In a comment, too.
std::string told_of_control(const shrink::Original& original) {
  const auto seed = original.conditions.seed;
  return original.control
             ? fmt::format("passes with seed {}, and so does what is left", *original.control)
             : fmt::format("none: it passes with none of the seeds {} to {}", seed + 1,
                           seed + shrink::kControlsTried);
}

void tell(const Console& console, const shrink::Progress& progress) {
  if (!console.colour()) return;
  fmt::print(console.err(), "\r\x1b[K{} tried, {} kept  {}", progress.tried, progress.kept,
             progress.last);
  console.err().flush();
}

std::size_t lines_of(const scenario::Texts& texts) {
  return static_cast<std::size_t>(std::ranges::count(texts.scenario, '\n') +
                                  std::ranges::count(texts.topology, '\n'));
}

FileResult<Exit> run(const Options& options, const Console& console) {
  const auto seed = seed_of(options.seed_text);
  if (!seed) return tl::make_unexpected(seed.error());
  const auto assignments = assignments_of(options.settings);
  if (!assignments) return tl::make_unexpected(assignments.error());
  const auto file = find_file(Shelf::Scenarios, options.scenario);
  if (!file) return tl::make_unexpected(file.error());
  const auto library = library_path(Shelf::Topologies, "x").parent_path();
  const auto loaded = scenario::load(*file, library, *assignments);
  if (!loaded) return tl::make_unexpected(loaded.error());
  const auto texts = scenario::written_out(*file, library, *assignments);
  if (!texts) return tl::make_unexpected(texts.error());

  // What is asked for in --out is made when there is something to be put there.
  const auto workshop = scenario::ScratchFolder::make("shrink");
  if (!workshop) return tl::make_unexpected(workshop.error());
  const auto original = how_it_fails(options, *texts, workshop->path(), *seed);
  if (!original) return tl::make_unexpected(original.error());
  const fs::path folder = options.out.empty()
                              ? fs::path{"out"} / (loaded->scenario.name + "-shrunk")
                              : fs::path{options.out};
  if (auto made = make_folder(folder); !made) return tl::make_unexpected(made.error());
  fmt::print(console.out(), "it fails by  {}\n",
             console.styled(original->failure.text, Style::Bad));

  auto search = search_for(*original, workshop->path());
  search.most_runs = options.most_runs;
  search.on_try = [&](const shrink::Progress& progress) { tell(console, progress); };
  auto shrunk = shrink::shrink(*texts, search);
  if (console.colour()) fmt::print(console.err(), "\r\x1b[K");

  // A comment must not hold two hyphens.
  shrunk.texts.scenario = xml::with_comment(
      shrunk.texts.scenario,
      fmt::format("\n  What is left of {}. With seed {} it fails by\n    {}\n"
                  "  Control: {}.\n",
                  options.scenario, *seed, original->failure.text, told_of_control(*original)));
  const auto written = shrink::write(shrunk.texts, folder);
  if (!written) return tl::make_unexpected(written.error());
  fmt::print(console.out(), "control      {}\n", told_of_control(*original));
  fmt::print(console.out(),
             "tried        {} in {} runs, of which {} left the failure as it was{}\n",
             shrunk.progress.tried, shrunk.progress.runs, shrunk.progress.kept,
             shrunk.finished ? "" : "; more tries (--tries) may leave less");
  fmt::print(console.out(), "lines        {}, from {}\n", lines_of(shrunk.texts), lines_of(*texts));
  fmt::print(console.out(), "replay       {}\n",
             scenario::replay_command(written->string(), *seed, {}));
  return Exit::AsExpected;
}

}  // namespace

Run add_shrink(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command
      .add_option("SCENARIO", options->scenario,
                  "A scenario of the library or the path of a file that ends in .xml")
      ->required();
  command.add_option("--seed", options->seed_text, "The seed with which it fails")
      ->capture_default_str();
  add_settings(command, options->settings);
  command.add_option("--failure", options->failure,
                     "Which failure is to stay, by a part of its words; without it the first");
  command.add_option("--out", options->out,
                     "The folder for both files (default: out/<scenario>-shrunk)");
  command.add_option("--tries", options->most_runs, "At most so many runs")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  return [options](const Console& console) { return console.conclude(run(*options, console)); };
}

}  // namespace rtclab::cli
