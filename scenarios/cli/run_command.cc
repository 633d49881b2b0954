// rtclab run: plays a scenario and leaves its evidence and everything that is drawn from it.
#include "reports/evidence/load.h"
#include "reports/evidence/media_streams.h"
#include "reports/judge/judge.h"
#include "scenarios/cli/commands.h"
#include "scenarios/cli/library.h"
#include "scenarios/cli/narrative.h"
#include "scenarios/cli/output.h"
#include "scenarios/cli/run_many.h"
#include "scenarios/cli/run_options.h"
#include "scenarios/loader.h"
#include "scenarios/runner.h"
#include "sim/capture/pcapng_writer.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <memory>
#include <thread>

namespace rtclab::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> arguments;  // scenarios and folders of them
  std::string scenario;                // where it is one
  unsigned jobs = 0;
  std::string seed_text = "1";
  std::vector<std::string> settings;
  std::string out;
  bool json = false;
};

FileResult<scenario::Loaded> load_scenario(const std::string& argument,
                                           const std::vector<scenario::Assignment>& assignments) {
  return find_file(Shelf::Scenarios, argument).and_then([&](const fs::path& file) {
    return scenario::load(file, library_path(Shelf::Topologies, "x").parent_path(), assignments);
  });
}

// Runs with capture and trace going into `folder`.
FileResult<scenario::RunResult> run_into(const scenario::Loaded& loaded, std::uint64_t seed,
                                         const fs::path& folder) {
  std::ofstream capture{folder / "capture.pcapng", std::ios::binary};
  std::ofstream trace{folder / "trace.jsonl", std::ios::binary};
  capture::PcapngWriter writer{capture, "rtclab " RTCLAB_VERSION};
  const auto result =
      scenario::run(loaded.scenario, loaded.topology, seed, {.capture = &writer, .trace = &trace});
  capture.close();
  trace.close();
  if (!capture || !trace) {
    return tl::make_unexpected(FileError{
        .file = folder.string(), .message = "the capture or the trace could not be written here"});
  }
  return result;
}

// Evidence that an earlier run left here must not be mixed with this run's.
void remove_old_pictures(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{folder, ignored}) {
    const auto name = entry.path().filename().string();
    const bool is_old =
        name == "media.svg" || (name.starts_with("pairs-") && name.ends_with(".svg"));
    if (is_old) fs::remove(entry.path(), ignored);
  }
}

// Nor may a report be taken for this run's.
void remove_old_report(const fs::path& folder) {
  std::error_code ignored;
  for (const auto* const name :
       {"report.html", "verdicts.json", "sequence.svg", "ladder.txt", "media.svg"})
    fs::remove(folder / name, ignored);
}

FileResult<Exit> run(const Options& options, const Console& console) {
  const auto seed = seed_of(options.seed_text);
  if (!seed) return tl::make_unexpected(seed.error());
  const auto assignments = assignments_of(options.settings);
  if (!assignments) return tl::make_unexpected(assignments.error());
  const auto loaded = load_scenario(options.scenario, *assignments);
  if (!loaded) return tl::make_unexpected(loaded.error());
  const auto& scenario = loaded->scenario;
  const fs::path folder =
      options.out.empty() ? fs::path{"out"} / scenario.name : fs::path{options.out};

  if (auto made = make_folder(folder); !made) return tl::make_unexpected(made.error());
  remove_old_pictures(folder);
  const auto result = run_into(*loaded, *seed, folder);
  if (!result) return tl::make_unexpected(result.error());
  const auto record = to_json(scenario, *result);
  if (auto written = write_file(folder / "run.json", to_text(record) + "\n"); !written) {
    return tl::make_unexpected(written.error());
  }

  // From here on only the evidence counts, as for a recording of others. Where it is too large,
  // what the run itself knows is told all the same.
  const auto evidence = evidence::load(folder);
  std::vector<judge::Judgement> judgements;
  std::vector<evidence::MediaStream> media;
  if (evidence) media = evidence::media_streams(*evidence);
  if (evidence) judgements = judge::judge(*evidence);
  auto rows = tell({scenario, *result, evidence ? &*evidence : nullptr, media, judgements});
  if (evidence) {
    const auto replay = scenario::replay_command(options.scenario, *seed, *assignments);
    const auto written =
        write_diagrams(*evidence, media, folder).and_then([&](const auto& /*files*/) {
          return write_report({*evidence, media, judgements, rows, replay}, folder);
        });
    if (!written) return tl::make_unexpected(written.error());
    rows.push_back({"report", (folder / "report.html").string()});
  } else {
    remove_old_report(folder);
    rows.push_back({"no report", evidence.error().to_string(), page::SummaryRow::Mood::Bad});
  }

  if (options.json) {
    auto json = record;
    json["out"] = folder.string();
    if (evidence)
      json["verdicts"] = to_json(judgements)["verdicts"];
    else
      json["no_report"] = evidence.error().to_string();
    fmt::print(console.out(), "{}\n", to_text(json));
  } else {
    fmt::print(
        console.out(), "{}  {}\n", console.styled(scenario.title, Style::Strong),
        console.styled(fmt::format("{} on {}, seed {}", scenario.name, scenario.topology, *seed),
                       Style::Faint));
    print(console, rows);
  }
  const bool broken = std::ranges::any_of(judgements, [&](const judge::Judgement& judgement) {
    return judgement.verdict == judge::Verdict::Fail &&
           !scenario::expects_failure(scenario, judgement.requirement->id);
  });
  return result->as_expected() && !broken ? Exit::AsExpected : Exit::Failed;
}

FileResult<Exit> run_all(const Options& options, const Console& console) {
  auto scenarios = scenarios_of(options.arguments);
  if (!scenarios) return tl::make_unexpected(scenarios.error());
  if (options.arguments.size() == 1 && *scenarios == options.arguments) {
    auto one = options;
    one.scenario = scenarios->front();
    return run(one, console);
  }
  const auto seed = seed_of(options.seed_text);
  if (!seed) return tl::make_unexpected(seed.error());
  const auto assignments = assignments_of(options.settings);
  if (!assignments) return tl::make_unexpected(assignments.error());
  std::vector<std::string> passed{"--seed", fmt::format("{}", *seed)};
  for (const auto& assignment : *assignments) {
    passed.emplace_back("--set");
    passed.push_back(to_string(assignment));
  }
  return run_many(
      {.scenarios = *std::move(scenarios),
       .passed = std::move(passed),
       .out = options.out.empty() ? "out" : options.out,
       .jobs = options.jobs != 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency()),
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
  command.add_option("-j,--jobs", options->jobs,
                     "How many of several scenarios run at the same time (default: one a core)");
  command.add_flag("--json", options->json, "Print one JSON object instead of the summary");
  return [options](const Console& console) { return console.conclude(run_all(*options, console)); };
}

}  // namespace rtclab::cli
