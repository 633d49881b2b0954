#include "scenarios/cli/play.h"

#include "reports/evidence/load.h"
#include "reports/evidence/media_streams.h"
#include "reports/judge/judge.h"
#include "scenarios/cli/library.h"
#include "scenarios/cli/narrative.h"
#include "scenarios/cli/output.h"
#include "scenarios/loader.h"
#include "scenarios/runner.h"
#include "sim/capture/pcapng_writer.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace rtclab::cli {
namespace {

namespace fs = std::filesystem;

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

// The scenario may expect that a clause is broken.
bool breaks_a_clause(const scenario::Scenario& scenario,
                     const std::vector<judge::Judgement>& judgements) {
  return std::ranges::any_of(judgements, [&](const judge::Judgement& judgement) {
    return judgement.verdict == judge::Verdict::Fail &&
           !scenario::expects_failure(scenario, judgement.requirement->id);
  });
}

}  // namespace

FileResult<Played> play(const Play& play) {
  const auto loaded = load_scenario(play.scenario, play.assignments);
  if (!loaded) return tl::make_unexpected(loaded.error());
  const auto& scenario = loaded->scenario;
  const auto folder = play.folder.empty() ? fs::path{"out"} / scenario.name : play.folder;

  if (auto made = make_folder(folder); !made) return tl::make_unexpected(made.error());
  remove_old_pictures(folder);
  const auto result = run_into(*loaded, play.seed, folder);
  if (!result) return tl::make_unexpected(result.error());
  auto json = to_json(scenario, *result);
  if (auto written = write_file(folder / "run.json", to_text(json) + "\n"); !written)
    return tl::make_unexpected(written.error());

  // From here on only the evidence counts, as for a recording of others. Where it is too large,
  // what the run itself knows is told all the same.
  const auto evidence = evidence::load(folder);
  std::vector<judge::Judgement> judgements;
  std::vector<evidence::MediaStream> media;
  if (evidence) media = evidence::media_streams(*evidence);
  if (evidence) judgements = judge::judge(*evidence);
  auto rows = tell({scenario, *result, evidence ? &*evidence : nullptr, media, judgements});
  json["out"] = folder.string();
  if (evidence) {
    const auto replay = scenario::replay_command(play.scenario, play.seed, play.assignments);
    const auto written =
        write_diagrams(*evidence, media, folder).and_then([&](const auto& /*files*/) {
          return write_report({*evidence, media, judgements, rows, replay}, folder);
        });
    if (!written) return tl::make_unexpected(written.error());
    rows.push_back({"report", (folder / "report.html").string()});
    json["verdicts"] = to_json(judgements)["verdicts"];
  } else {
    remove_old_report(folder);
    rows.push_back({"no report", evidence.error().to_string(), page::SummaryRow::Mood::Bad});
    json["no_report"] = evidence.error().to_string();
  }
  const bool well = result->as_expected() && !breaks_a_clause(scenario, judgements);
  return Played{
      .exit = well ? Exit::AsExpected : Exit::Failed,
      .title = scenario.title,
      .subtitle = fmt::format("{} on {}, seed {}", scenario.name, scenario.topology, play.seed),
      .rows = std::move(rows),
      .json = std::move(json)};
}

void print(const Console& console, const Played& played) {
  fmt::print(console.out(), "{}  {}\n", console.styled(played.title, Style::Strong),
             console.styled(played.subtitle, Style::Faint));
  print(console, played.rows);
}

}  // namespace rtclab::cli
