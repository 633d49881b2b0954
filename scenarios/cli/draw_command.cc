// rtclab draw: the diagrams of a run or a recording.
#include "reports/diagrams/sequence.h"
#include "reports/evidence/media_streams.h"
#include "reports/judge/judge.h"
#include "reports/page/report.h"
#include "scenarios/cli/commands.h"
#include "scenarios/cli/evidence_options.h"
#include "scenarios/cli/output.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace rtclab::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::shared_ptr<EvidenceOptions> evidence;
  std::string out;
  bool ladder = false;
  std::size_t width = 100;
  bool json = false;
};

FileResult<Exit> draw(const Options& options, const Console& console) {
  const auto evidence = options.evidence->load(console);
  if (!evidence) return tl::make_unexpected(evidence.error());
  if (options.ladder) {
    const auto colour = console.colour() ? diagrams::Colour::On : diagrams::Colour::Off;
    console.out() << diagrams::ladder(*evidence, {.width = options.width, .colour = colour});
    return Exit::AsExpected;
  }
  const fs::path folder =
      options.out.empty() ? fs::path{"out"} / options.evidence->name() : fs::path{options.out};
  if (auto made = make_folder(folder); !made) return tl::make_unexpected(made.error());
  const auto media = evidence::media_streams(*evidence);
  auto files = write_diagrams(*evidence, media, folder);
  if (!files) return tl::make_unexpected(files.error());
  // A simulated run has its report already, with what only the run knew.
  if (evidence->run_json.empty()) {
    const auto judgements = judge::judge(*evidence);
    if (auto written = write_report({*evidence, media, judgements, {}, {}}, folder); !written) {
      return tl::make_unexpected(written.error());
    }
    files->insert(files->end(), {"verdicts.json", "report.html"});
  }
  if (options.json) {
    fmt::print(console.out(), "{}\n", to_text(Json{{"out", folder.string()}, {"files", *files}}));
  } else {
    for (const auto& file : *files) fmt::print(console.out(), "{}\n", (folder / file).string());
  }
  return Exit::AsExpected;
}

}  // namespace

Run add_draw(CLI::App& command) {
  auto options = std::make_shared<Options>();
  options->evidence = add_evidence_options(command);
  command.add_option("--out", options->out,
                     "The folder for the diagrams (default: out/<name of the evidence>)");
  command.add_flag("--ladder", options->ladder, "Print the sequence diagram as text instead");
  command.add_option("--width", options->width, "Columns of the ladder")
      ->capture_default_str()
      ->check(CLI::Range(60, 400));
  command.add_flag("--json", options->json, "Print the names of the files as JSON");
  return [options](const Console& console) { return console.conclude(draw(*options, console)); };
}

}  // namespace rtclab::cli
