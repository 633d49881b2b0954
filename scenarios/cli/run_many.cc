#include "scenarios/cli/run_many.h"

#include "agents/base/text.h"
#include "scenarios/cli/output.h"
#include "scenarios/cli/play.h"
#include "scenarios/cli/progress.h"
#include "scenarios/sweep/row.h"
#include "topologies/xml_file.h"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <variant>

namespace rtclab::cli {
namespace {

namespace fs = std::filesystem;
using sweep::Outcome;
using sweep::Row;

std::string name_of(const std::string& scenario) {
  return fs::path{scenario}.stem();
}

// What one of them came to travels as the row of a sweep does: these are its figures, and its
// detail is what was not as expected, a line each.
enum Figures : std::size_t { kMet, kExpected, kPass, kFail, kFigures };

std::size_t figure(const Row& row, Figures which) {
  if (row.figures.size() != kFigures) return 0;
  const auto* const number = std::get_if<double>(&row.figures[which]);
  return number == nullptr ? 0 : static_cast<std::size_t>(*number);
}

struct Account {
  std::array<double, kFigures> figures{};
  std::vector<std::string> complaints;
};

// Of run.json and its verdicts.
Account account_of(const Json& run) {
  Account account;
  auto& [figures, complaints] = account;
  for (const auto& step : run.at("steps")) {
    if (step.at("outcome") == "done") continue;
    complaints.push_back(fmt::format("line {}: {}: {}", step.value("line", 0),
                                     step.value("step", ""),
                                     step.value("detail", step.value("outcome", ""))));
  }
  for (const auto& expectation : run.at("expectations")) {
    const bool met = expectation.at("met");
    figures[kExpected] += 1;
    figures[kMet] += met ? 1 : 0;
    if (met) continue;
    complaints.push_back(fmt::format("line {}: {}; instead: {}", expectation.value("line", 0),
                                     expectation.value("expected", ""),
                                     expectation.value("seen", "")));
  }
  for (const auto& verdict : run.value("verdicts", Json::array())) {
    if (verdict.at("verdict") == "pass") figures[kPass] += 1;
    if (verdict.at("verdict") != "fail") continue;
    figures[kFail] += 1;
    complaints.push_back(
        fmt::format("verdict fail: {}: {}", verdict.value("id", ""), verdict.value("summary", "")));
  }
  if (run.contains("no_report")) complaints.push_back(run.value("no_report", ""));
  return account;
}

Row row_of(sweep::RunNumber number, const FileResult<Played>& played) {
  if (!played)
    return {.run = number, .outcome = Outcome::Refused, .detail = played.error().to_string()};
  const auto account = account_of(played->json);
  return {.run = number,
          .outcome = played->exit == Exit::AsExpected ? Outcome::AsExpected : Outcome::Failed,
          .detail = fmt::format("{}", fmt::join(account.complaints, "\n")),
          .figures = {account.figures.begin(), account.figures.end()}};
}

// In the order of the scenarios, whichever ends first. Runs are counted from 1.
std::vector<Row> play_all(const ManyRuns& runs, const Console& console) {
  std::vector<Row> rows(runs.scenarios.size());
  std::vector<sweep::RunNumber> open(rows.size());
  std::iota(open.begin(), open.end(), 1);
  Progress progress{console.err(), isatty(STDERR_FILENO) == 1, 0, rows.size()};
  sweep::Dealer dealer{open, [&](const Row& row) {
                         progress.note(row);
                         rows[row.run - 1] = row;
                       }};
  const auto play_one = [&](sweep::RunNumber number) {
    const auto& scenario = runs.scenarios[number - 1];
    return row_of(number,
                  play({scenario, runs.seed, runs.assignments, runs.out / name_of(scenario)}));
  };
  (void)sweep::play_in_processes(dealer, play_one, runs.pool, [&] {
    progress.show();
    return true;
  });
  progress.clear();
  return rows;
}

void print_table(const ManyRuns& runs, const std::vector<Row>& rows, const Console& console) {
  std::size_t width = 0;
  for (const auto& scenario : runs.scenarios) width = std::max(width, name_of(scenario).size());
  for (const auto& row : rows) {
    const bool well = row.outcome == Outcome::AsExpected;
    fmt::print(console.out(), "{:<{}}  {}  {:>3} of {:<3} expected  {:>3} pass {} fail\n",
               name_of(runs.scenarios[row.run - 1]), width,
               console.styled(fmt::format("{:<11}", to_string(row.outcome)),
                              well ? Style::Good : Style::Bad),
               figure(row, kMet), figure(row, kExpected), figure(row, kPass), figure(row, kFail));
  }
  for (const auto& row : rows) {
    if (row.outcome == Outcome::AsExpected) continue;
    const auto& scenario = runs.scenarios[row.run - 1];
    fmt::print(console.out(), "\n{}\n", console.styled(name_of(scenario), Style::Strong));
    for (const auto line : split(row.detail, '\n')) fmt::print(console.out(), "  {}\n", line);
    fmt::print(console.out(), "  again: {}\n",
               scenario::replay_command(scenario, runs.seed, runs.assignments));
  }
  fmt::print(console.out(), "\n{} of {} scenarios as expected; evidence and reports in {}\n",
             std::ranges::count(rows, Outcome::AsExpected, &Row::outcome), rows.size(),
             runs.out.string());
}

Exit exit_of(const Row& row) {
  switch (row.outcome) {
    case Outcome::AsExpected: return Exit::AsExpected;
    case Outcome::Refused: return Exit::BadInput;
    default: return Exit::Failed;
  }
}

void print_json(const ManyRuns& runs, const std::vector<Row>& rows, const Console& console) {
  auto list = Json::array();
  for (const auto& row : rows) {
    const auto& scenario = runs.scenarios[row.run - 1];
    auto complaints = Json::array();
    if (!row.detail.empty())
      for (const auto line : split(row.detail, '\n')) complaints.push_back(line);
    list.push_back({{"scenario", scenario},
                    {"outcome", to_string(row.outcome)},
                    {"exit", static_cast<int>(exit_of(row))},
                    {"met", figure(row, kMet)},
                    {"expected", figure(row, kExpected)},
                    {"pass", figure(row, kPass)},
                    {"fail", figure(row, kFail)},
                    {"complaints", std::move(complaints)},
                    {"out", (runs.out / name_of(scenario)).string()}});
  }
  fmt::print(console.out(), "{}\n", to_text(Json{{"runs", std::move(list)}}));
}

// Each leaves its evidence in a folder of its own.
FileResult<void> refuse_twins(const std::vector<std::string>& scenarios) {
  std::map<std::string, std::string> seen;
  for (const auto& scenario : scenarios) {
    const auto [same, is_new] = seen.try_emplace(name_of(scenario), scenario);
    if (is_new) continue;
    return tl::make_unexpected(
        FileError{.file = scenario,
                  .message = fmt::format("would leave its evidence in the folder of {}: expected "
                                         "files of different names",
                                         same->second)});
  }
  return {};
}

}  // namespace

FileResult<std::vector<std::string>> scenarios_of(const std::vector<std::string>& arguments) {
  std::vector<std::string> scenarios;
  for (const auto& argument : arguments) {
    std::error_code error;
    if (!fs::is_directory(argument, error)) {
      scenarios.push_back(argument);
      continue;
    }
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator{argument, error}) {
      if (entry.path().extension() != ".xml") continue;
      // Fragments and topologies may stand beside scenarios; what is nothing at all is to be told.
      const auto root = xml::root_name(entry.path());
      if (!root || *root == "scenario" || root->empty()) files.push_back(entry.path());
    }
    if (error || files.empty()) {
      return tl::make_unexpected(FileError{
          .file = argument, .message = "is a folder without scenarios: expected files of .xml"});
    }
    std::ranges::sort(files);
    scenarios.insert(scenarios.end(), files.begin(), files.end());
  }
  return scenarios;
}

FileResult<Exit> run_many(const ManyRuns& runs, const Console& console) {
  if (auto fine = refuse_twins(runs.scenarios); !fine) return tl::make_unexpected(fine.error());
  if (auto made = make_folder(runs.out); !made) return tl::make_unexpected(made.error());
  const auto rows = play_all(runs, console);
  if (runs.json)
    print_json(runs, rows, console);
  else
    print_table(runs, rows, console);
  auto exit = Exit::AsExpected;
  for (const auto& row : rows) exit = std::max(exit, exit_of(row));
  return exit;
}

}  // namespace rtclab::cli
