// rtclab validate: measures what others expect of a network, and says where it differs.
#include "agents/base/text.h"
#include "scenarios/cli/commands.h"
#include "scenarios/cli/output.h"
#include "scenarios/validate/report.h"
#include "scenarios/validate/sections.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::cli {
namespace {

constexpr std::uint64_t kMostSeeds = 1000;
constexpr std::uint64_t kMostSamples = 10'000'000;

struct Options {
  std::vector<std::string> only;
  std::string out;
  std::string json;
  std::string seed;
  std::string seeds;
  std::string samples;
};

auto refuse(const std::string& option, std::string message) {
  return tl::make_unexpected(FileError{.file = option, .message = std::move(message)});
}

FileResult<std::uint64_t> number_of(const std::string& option, const std::string& text,
                                    std::uint64_t fallback, std::uint64_t least,
                                    std::uint64_t most) {
  if (text.empty()) return fallback;
  const auto number = parse_unsigned(text);
  if (number && *number >= least && *number <= most) return *number;
  return refuse(fmt::format("{} {}", option, text),
                fmt::format("expected a whole number from {} to {}", least, most));
}

FileResult<validate::Effort> effort_of(const Options& options) {
  validate::Effort effort;
  const auto seed = number_of("--seed", options.seed, effort.seed, 0, 1'000'000'000'000);
  if (!seed) return tl::make_unexpected(seed.error());
  const auto seeds = number_of("--seeds", options.seeds, effort.seeds, 1, kMostSeeds);
  if (!seeds) return tl::make_unexpected(seeds.error());
  const auto samples = number_of("--samples", options.samples, effort.samples, 10, kMostSamples);
  if (!samples) return tl::make_unexpected(samples.error());
  effort.seed = *seed;
  effort.seeds = static_cast<unsigned>(*seeds);
  effort.samples = static_cast<std::size_t>(*samples);
  return effort;
}

bool is_chosen(const std::vector<std::string>& only, std::string_view name) {
  return only.empty() || std::ranges::find(only, name) != only.end();
}

// All of them, or those that were asked for; in the order of the report.
FileResult<std::vector<validate::Entry>> chosen(const std::vector<std::string>& only) {
  std::vector<std::string> known;
  for (const auto& entry : validate::entries()) known.emplace_back(entry.name);
  for (const auto& name : only) {
    if (std::ranges::find(known, name) != known.end()) continue;
    return refuse("--only " + name,
                  fmt::format("there is no section of that name{} (there are: {})",
                              did_you_mean(name, known), fmt::join(known, ", ")));
  }
  std::vector<validate::Entry> entries;
  for (const auto& entry : validate::entries()) {
    if (is_chosen(only, entry.name)) entries.push_back(entry);
  }
  return entries;
}

// What makes this report again, as a reader types it.
std::string command_of(const Options& options) {
  std::string command = "build/release/rtclab validate";
  if (!options.only.empty()) command += fmt::format(" --only {}", fmt::join(options.only, " "));
  if (!options.seed.empty()) command += " --seed " + options.seed;
  if (!options.seeds.empty()) command += " --seeds " + options.seeds;
  if (!options.samples.empty()) command += " --samples " + options.samples;
  return command + " --out " + (options.out.empty() ? "docs/validation.md" : options.out);
}

void print_section(const Console& console, const validate::Section& section) {
  const auto checks = section.checks();
  const auto wrong = section.failures();
  const auto verdict =
      checks == 0  ? console.styled("not measured here", Style::Faint)
      : wrong == 0 ? console.styled(fmt::format("all {} agree", checks), Style::Good)
                   : console.styled(fmt::format("{} of {} differ", wrong, checks), Style::Bad);
  fmt::print(console.out(), "{:<14} {}\n", section.name, verdict);
  for (const auto& block : section.blocks) {
    const auto* const found = std::get_if<validate::Checks>(&block);
    if (found == nullptr) continue;
    for (const auto& row : found->rows) {
      if (row.agrees) continue;
      fmt::print(console.out(), "  {}: expected {}, measured {} ({})\n", row.what, row.expected,
                 row.measured, row.within);
    }
  }
  console.out().flush();
}

FileResult<Exit> validate_all(const Options& options, const Console& console) {
  const auto effort = effort_of(options);
  if (!effort) return tl::make_unexpected(effort.error());
  const auto entries = chosen(options.only);
  if (!entries) return tl::make_unexpected(entries.error());

  validate::Report report{.command = command_of(options), .sections = {}};
  for (const auto& entry : *entries) {
    report.sections.push_back(entry.measure(*effort));
    print_section(console, report.sections.back());
  }
  if (!options.out.empty()) {
    if (auto written = write_file(options.out, to_markdown(report)); !written)
      return tl::make_unexpected(written.error());
  }
  if (!options.json.empty()) {
    if (auto written = write_file(options.json, to_text(to_json(report)) + "\n"); !written)
      return tl::make_unexpected(written.error());
  }
  return report.agrees() ? Exit::AsExpected : Exit::Failed;
}

std::string names_of_sections() {
  std::string text = "Only these sections:";
  for (const auto& entry : validate::entries())
    text += fmt::format("\n{}: {}", entry.name, entry.about);
  return text;
}

}  // namespace

Run add_validate(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.add_option("--only", options->only, names_of_sections())->type_name("SECTION ...");
  command.add_option("--out", options->out, "Write the report as Markdown to this file");
  command.add_option("--json", options->json, "Write every figure as JSON to this file");
  command.add_option("--seed", options->seed, "The first seed (1)");
  command.add_option("--seeds", options->seeds, "Runs of each cell of a table (3)");
  command.add_option("--samples", options->samples, "What is drawn for each share and mean (4000)");
  return [options](const Console& console) {
    return console.conclude(validate_all(*options, console));
  };
}

}  // namespace rtclab::cli
