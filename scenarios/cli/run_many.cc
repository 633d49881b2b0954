#include "scenarios/cli/run_many.h"

#include "scenarios/cli/child_process.h"
#include "scenarios/cli/output.h"
#include "topologies/xml_file.h"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

namespace rtclab::cli {
namespace {

namespace fs = std::filesystem;

std::string name_of(const std::string& scenario) {
  return fs::path{scenario}.stem();
}

// What one `rtclab run --json` came to.
struct Told {
  Exit exit = Exit::Failed;
  std::size_t met = 0;
  std::size_t expected = 0;
  std::size_t pass = 0;
  std::size_t fail = 0;
  std::vector<std::string> complaints;  // what was not as expected, a sentence each
};

void read_run(const Json& run, Told& told) {
  for (const auto& step : run.value("steps", Json::array())) {
    if (step.value("outcome", "") == "done") continue;
    told.complaints.push_back(fmt::format("line {}: {}: {}", step.value("line", 0),
                                          step.value("step", ""),
                                          step.value("detail", step.value("outcome", ""))));
  }
  for (const auto& expectation : run.value("expectations", Json::array())) {
    ++told.expected;
    if (expectation.value("met", false)) {
      ++told.met;
    } else {
      told.complaints.push_back(
          fmt::format("line {}: {}; instead: {}", expectation.value("line", 0),
                      expectation.value("expected", ""), expectation.value("seen", "")));
    }
  }
  for (const auto& verdict : run.value("verdicts", Json::array())) {
    const auto word = verdict.value("verdict", "");
    if (word == "pass") ++told.pass;
    if (word != "fail") continue;
    ++told.fail;
    told.complaints.push_back(
        fmt::format("verdict fail: {}: {}", verdict.value("id", ""), verdict.value("summary", "")));
  }
  if (run.contains("no_report")) told.complaints.push_back(run.value("no_report", ""));
}

std::string without_end_of_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

Told tell_of(const std::optional<ChildOutcome>& child) {
  Told told;
  if (!child) {
    told.complaints.emplace_back("the process could not be started");
  } else if (child->signal) {
    told.complaints.push_back(fmt::format("the process died of signal {}", *child->signal));
  } else if (child->exit_code == static_cast<int>(Exit::BadInput)) {
    told.exit = Exit::BadInput;
    told.complaints.push_back(without_end_of_line(child->err));
  } else {
    const auto run = Json::parse(child->out, nullptr, false);
    if (run.is_object()) read_run(run, told);
    const bool well = child->exit_code == 0 && run.is_object();
    told.exit = well ? Exit::AsExpected : Exit::Failed;
    if (!well && told.complaints.empty()) {
      told.complaints.push_back(fmt::format("the process ended with {} and said: {}",
                                            child->exit_code, without_end_of_line(child->err)));
    }
  }
  return told;
}

// On a terminal, a bar on standard error that grows in its place; elsewhere nothing.
class ProgressBar {
 public:
  ProgressBar(std::ostream& out, std::size_t all)
      : out_{out}, all_{all}, shows_{isatty(STDERR_FILENO) == 1} {
    show("");
  }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() {
    if (shows_) out_ << "\r\x1b[K" << std::flush;
  }
  void note(const std::string& name, bool well) {
    ++done_;
    if (!well) ++failed_;
    show(name);
  }

 private:
  void show(const std::string& name) {
    if (!shows_) return;
    constexpr std::size_t kWidth = 30;
    const auto filled = done_ * kWidth / std::max<std::size_t>(all_, 1);
    const auto failed = failed_ == 0 ? std::string{} : fmt::format(", {} failed", failed_);
    out_ << fmt::format("\r\x1b[K[{}{}] {}/{}{}  {}", std::string(filled, '#'),
                        std::string(kWidth - filled, '.'), done_, all_, failed, name)
         << std::flush;
  }

  std::ostream& out_;
  std::size_t all_;
  std::size_t done_ = 0;
  std::size_t failed_ = 0;
  bool shows_;
};

std::vector<std::string> arguments_of(const ManyRuns& runs, const std::string& scenario) {
  std::vector<std::string> arguments{"run", scenario, "--json", "--out",
                                     runs.out / name_of(scenario)};
  arguments.insert(arguments.end(), runs.passed.begin(), runs.passed.end());
  return arguments;
}

// In the order of the scenarios, whichever ends first.
std::vector<Told> play(const ManyRuns& runs, const Console& console) {
  const auto program = own_path();
  std::vector<Told> all(runs.scenarios.size());
  std::atomic<std::size_t> next{0};
  std::mutex telling;
  ProgressBar bar{console.err(), all.size()};
  const auto work = [&] {
    for (auto i = next++; i < all.size(); i = next++) {
      const auto& scenario = runs.scenarios[i];
      all[i] = tell_of(run_child(program, arguments_of(runs, scenario)));
      const std::lock_guard lock{telling};
      bar.note(name_of(scenario), all[i].exit == Exit::AsExpected);
    }
  };
  std::vector<std::jthread> workers;
  for (unsigned i = 0; i < std::min<std::size_t>(runs.jobs, all.size()); ++i)
    workers.emplace_back(work);
  workers.clear();  // waits for them
  return all;
}

void print_table(const ManyRuns& runs, const std::vector<Told>& all, const Console& console) {
  std::size_t width = 0;
  for (const auto& scenario : runs.scenarios) width = std::max(width, name_of(scenario).size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& told = all[i];
    const bool well = told.exit == Exit::AsExpected;
    const auto* const word = well                          ? "as expected"
                             : told.exit == Exit::BadInput ? "bad input"
                                                           : "failed";
    fmt::print(console.out(), "{:<{}}  {}  {:>3} of {:<3} expected  {:>3} pass {} fail\n",
               name_of(runs.scenarios[i]), width,
               console.styled(fmt::format("{:<11}", word), well ? Style::Good : Style::Bad),
               told.met, told.expected, told.pass, told.fail);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].exit == Exit::AsExpected) continue;
    const auto& scenario = runs.scenarios[i];
    fmt::print(console.out(), "\n{}\n", console.styled(name_of(scenario), Style::Strong));
    for (const auto& complaint : all[i].complaints) fmt::print(console.out(), "  {}\n", complaint);
    fmt::print(console.out(), "  again: rtclab run {} {}\n", scenario, fmt::join(runs.passed, " "));
  }
  const auto well = std::ranges::count(all, Exit::AsExpected, &Told::exit);
  fmt::print(console.out(), "\n{} of {} scenarios as expected; evidence and reports in {}\n", well,
             all.size(), runs.out.string());
}

void print_json(const ManyRuns& runs, const std::vector<Told>& all, const Console& console) {
  auto list = Json::array();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& told = all[i];
    list.push_back({{"scenario", runs.scenarios[i]},
                    {"exit", static_cast<int>(told.exit)},
                    {"met", told.met},
                    {"expected", told.expected},
                    {"pass", told.pass},
                    {"fail", told.fail},
                    {"complaints", told.complaints},
                    {"out", (runs.out / name_of(runs.scenarios[i])).string()}});
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
  const auto all = play(runs, console);
  if (runs.json)
    print_json(runs, all, console);
  else
    print_table(runs, all, console);
  const auto is = [&](Exit exit) {
    return std::ranges::any_of(all, [&](const Told& told) { return told.exit == exit; });
  };
  if (is(Exit::BadInput)) return Exit::BadInput;
  return is(Exit::Failed) ? Exit::Failed : Exit::AsExpected;
}

}  // namespace rtclab::cli
