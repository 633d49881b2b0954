// rtclab sweep: plays a scenario over many points, in processes, and tells what came of it.
#include "scenarios/cli/commands.h"
#include "scenarios/cli/library.h"
#include "scenarios/cli/output.h"
#include "scenarios/cli/progress.h"
#include "scenarios/cli/run_options.h"
#include "scenarios/cli/sweep_evidence.h"
#include "scenarios/sweep/charts.h"
#include "scenarios/sweep/csv.h"
#include "scenarios/sweep/loader.h"
#include "scenarios/sweep/mpi_crew.h"
#include "scenarios/sweep/page.h"
#include "scenarios/sweep/plan.h"
#include "scenarios/sweep/player.h"
#include "scenarios/sweep/process_pool.h"
#include "scenarios/sweep/results.h"
#include "scenarios/sweep/statistics.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <thread>

namespace rtclab::cli {
namespace {

namespace fs = std::filesystem;
using sweep::Outcome;
using sweep::Plan;
using sweep::Results;
using sweep::Row;
using sweep::Sweep;
using sweep::Table;

struct Options {
  std::string sweep;
  std::string out;
  std::string seeds;
  std::string exported;
  std::string evidence;
  std::vector<std::string> set;
  Processes processes;
  std::string shard;
  bool merge = false;
  bool mpi = false;
  bool resume = false;
  bool again = false;
  bool json = false;
};

auto refuse(std::string what, std::string message) {
  return tl::make_unexpected(FileError{.file = std::move(what), .message = std::move(message)});
}

FileResult<sweep::Wishes> wishes_of(const Options& options) {
  sweep::Wishes wishes;
  if (!options.seeds.empty()) {
    wishes.seeds = sweep::parse_seeds(options.seeds);
    if (!wishes.seeds) {
      return refuse("--seeds " + options.seeds,
                    "expected a seed, or the first and the last: 1..100");
    }
  }
  auto assignments = assignments_of(options.set);
  if (!assignments) return tl::make_unexpected(assignments.error());
  wishes.always = *std::move(assignments);
  return wishes;
}

// What makes all this again, as a person types it.
std::string command_of(const Options& options) {
  std::string command = "rtclab sweep " + options.sweep;
  if (!options.seeds.empty()) command += " --seeds " + options.seeds;
  for (const auto& text : options.set) command += " --set " + scenario::in_shell(text);
  return command;
}

volatile std::sig_atomic_t interrupted = 0;

// Ctrl-C ends a sweep between two rows; what was played is kept.
class Interruptible {
 public:
  Interruptible() {
    interrupted = 0;
    for (const auto signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { interrupted = 1; });
  }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;
  ~Interruptible() {
    for (const auto signal : {SIGINT, SIGTERM}) std::signal(signal, SIG_DFL);
  }
};

// Rows are safe on the disk twice a second.
class Committing {
 public:
  explicit Committing(Results& results) : results_{results} {}
  void now_and_then() {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds{500}) return;
    results_.commit();
    last_ = now;
  }

 private:
  Results& results_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// Everything but what a sweep found: what it is, which part of it is meant, and where it goes.
struct Task {
  const Options& options;
  const Console& console;
  Sweep sweep;
  Plan plan;
  fs::path folder;
  std::optional<sweep::Shard> shard{};
};

fs::path folder_of(const Task& task) {
  if (!task.shard) return task.folder;
  return task.folder / "shards" / fmt::format("{}-of-{}", task.shard->shard, task.shard->of);
}

// How runs are played: play_in_processes() or what is like it.
using Way = std::function<bool(sweep::Dealer&, const std::function<Row(sweep::RunNumber)>&,
                               const sweep::PoolOptions&, const std::function<bool()>&)>;

sweep::Player player_of(const Task& task) {
  return {task.sweep, task.plan, library_path(Shelf::Topologies, "x").parent_path()};
}

// Whether all runs were played.
bool play(const Task& task, Results& results, const Way& way) {
  const auto open =
      sweep::open_runs(task.plan, results.done(), task.shard.value_or(sweep::Shard{}));
  const auto all = task.shard ? task.shard->runs(task.plan) : task.plan.runs();
  Progress progress{task.console.err(), isatty(STDERR_FILENO) == 1, all - open.size(), all};
  Committing committing{results};
  sweep::Dealer dealer{open, [&](const Row& row) {
                         results.keep(row);
                         progress.note(row);
                       }};
  auto player = player_of(task);
  const Interruptible guard;
  const bool finished = way(
      dealer, [&](sweep::RunNumber run) { return player.play(run); },
      pool_of(task.options.processes),
      [&] {
        progress.show();
        committing.now_and_then();
        return interrupted == 0;
      });
  progress.clear();
  results.commit();
  return finished;
}

FileResult<void> report(const Task& task, const Table& table) {
  const auto views = sweep::views_of(task.sweep, task.plan);
  sweep::Page page{
      table, views, {}, command_of(task.options), evidence_in(task.folder, table.rows())};
  for (std::size_t i = 0; i < views.size(); ++i) {
    page.pictures.emplace_back();
    const auto chart = sweep::chart_of(views[i], table);
    if (!chart) continue;
    auto picture = sweep::draw(task.folder / "plots", fmt::format("view-{}", i + 1),
                               sweep::gnuplot_script(*chart));
    if (!picture) return tl::make_unexpected(picture.error());
    page.pictures.back() = *std::move(picture);
  }
  return write_file(task.folder / "sweep.html", sweep::sweep_html(page));
}

constexpr std::array kOutcomes{Outcome::AsExpected, Outcome::Failed,  Outcome::Refused,
                               Outcome::CutShort,   Outcome::Crashed, Outcome::Hung};

Json summary_json(const Task& task, const Table& table) {
  Json json{{"sweep", task.sweep.name},        {"title", task.sweep.title},
            {"scenario", task.sweep.scenario}, {"cells", task.plan.cells.size()},
            {"runs", task.plan.runs()},        {"outcomes", Json::object()},
            {"figures", Json::object()},       {"not_as_expected", Json::array()},
            {"out", task.folder.string()}};
  for (const auto outcome : kOutcomes) {
    json["outcomes"][std::string{to_string(outcome)}] =
        std::ranges::count(table.rows(), outcome, &Row::outcome);
  }
  for (const auto& collector : task.sweep.collectors) {
    const auto numbers = table.numbers(table.all(), collector.name);
    auto& figure = json["figures"][collector.name];
    if (sweep::kind_of(collector) == sweep::FigureKind::Truth)
      figure["share"] = table.share(table.all(), collector.name).value();
    if (sweep::kind_of(collector) != sweep::FigureKind::Number) continue;
    figure["count"] = numbers.size();
    if (numbers.empty()) continue;
    figure["median"] = sweep::quantile(numbers, 0.5);
    figure["p95"] = sweep::quantile(numbers, 0.95);
    figure["greatest"] = numbers.back();
  }
  const auto evidence = evidence_in(task.folder, table.rows());
  for (const auto& row : table.rows()) {
    if (row.outcome == Outcome::AsExpected) continue;
    json["not_as_expected"].push_back({{"run", row.run},
                                       {"outcome", to_string(row.outcome)},
                                       {"detail", row.detail},
                                       {"replay", task.plan.replay(task.sweep, row.run)}});
    if (const auto place = evidence.find(row.run); place != evidence.end())
      json["not_as_expected"].back()["evidence"] = (task.folder / place->second).string();
  }
  return json;
}

void print_figures(const Task& task, const Table& table) {
  for (const auto& collector : task.sweep.collectors) {
    const auto kind = sweep::kind_of(collector);
    if (kind == sweep::FigureKind::Truth) {
      fmt::print(task.console.out(), "{:<22} {}\n", collector.name,
                 sweep::share_text(table.share(table.all(), collector.name)));
    }
    const auto numbers = table.numbers(table.all(), collector.name);
    if (kind != sweep::FigureKind::Number || numbers.empty()) continue;
    const auto text = [&](double number) {
      return sweep::figure_text(number, sweep::unit_of(collector));
    };
    fmt::print(task.console.out(), "{:<22} median {}, 95th percentile {}, greatest {}\n",
               collector.name, text(sweep::quantile(numbers, 0.5)),
               text(sweep::quantile(numbers, 0.95)), text(numbers.back()));
  }
}

// The first run of each outcome that nobody wanted.
void print_failures(const Task& task, const Table& table) {
  for (const auto outcome : kOutcomes) {
    const auto count = std::ranges::count(table.rows(), outcome, &Row::outcome);
    if (count == 0 || outcome == Outcome::AsExpected) continue;
    const auto first = std::ranges::find(table.rows(), outcome, &Row::outcome);
    fmt::print(task.console.out(), "{:<22} {}, the first: {}\n{:<22} {}\n",
               task.console.styled(fmt::format("{:<22}", to_string(outcome)), Style::Bad), count,
               first->detail, "", task.plan.replay(task.sweep, first->run));
  }
}

void print_summary(const Task& task, const Table& table) {
  const auto share = table.share(table.all(), "");
  const auto [low, high] = sweep::wilson(share.hits, share.of);
  fmt::print(task.console.out(), "{}  {}\n", task.console.styled(task.sweep.title, Style::Strong),
             task.console.styled(
                 fmt::format("{}, {} runs of {}", task.sweep.name, share.of, task.sweep.scenario),
                 Style::Faint));
  fmt::print(task.console.out(), "{:<22} {} ({} of {}; 95 % interval {:.1f} to {:.1f} %)\n",
             "as expected", sweep::share_text(share), share.hits, share.of, low * 100, high * 100);
  print_figures(task, table);
  print_failures(task, table);
  fmt::print(task.console.out(), "{:<22} {}\n", "results",
             (task.folder / sweep::kResultsFile).string());
  if (const auto evidence = evidence_in(task.folder, table.rows()); !evidence.empty()) {
    fmt::print(task.console.out(), "{:<22} of {} run{}, the first: {}\n", "evidence",
               evidence.size(), evidence.size() == 1 ? "" : "s",
               (task.folder / evidence.begin()->second).string());
  }
  fmt::print(task.console.out(), "{:<22} {}\n", "report", (task.folder / "sweep.html").string());
}

FileResult<Exit> conclude(const Task& task, Results& results) {
  const auto rows = results.rows();
  const Table table{task.sweep, task.plan, rows};
  results.finish();
  if (task.options.evidence == "failed") {
    if (auto kept = keep_evidence(task.plan, task.sweep, rows, task.folder,
                                  pool_of(task.options.processes), task.console);
        !kept)
      return tl::make_unexpected(kept.error());
  }
  if (auto written = report(task, table); !written) return tl::make_unexpected(written.error());
  if (task.options.json) {
    fmt::print(task.console.out(), "{}\n", to_text(summary_json(task, table)));
  } else {
    print_summary(task, table);
  }
  const bool all_well =
      std::ranges::all_of(rows, [](const Row& row) { return row.outcome == Outcome::AsExpected; });
  return all_well ? Exit::AsExpected : Exit::Failed;
}

FileResult<Task> task_of(const Options& options, const Console& console) {
  const auto file = find_file(Shelf::Sweeps, options.sweep);
  if (!file) return tl::make_unexpected(file.error());
  const auto wishes = wishes_of(options);
  if (!wishes) return tl::make_unexpected(wishes.error());
  auto loaded = sweep::load(*file,
                            {.scenarios = library_path(Shelf::Scenarios, "x").parent_path(),
                             .topologies = library_path(Shelf::Topologies, "x").parent_path()},
                            *wishes);
  if (!loaded) return tl::make_unexpected(loaded.error());
  auto planned = sweep::plan(*loaded);
  if (!planned) return tl::make_unexpected(planned.error());
  const auto folder =
      options.out.empty() ? fs::path{"out"} / "sweeps" / loaded->name : fs::path{options.out};
  return Task{options, console, *std::move(loaded), *std::move(planned), folder};
}

FileResult<std::string> print_of(const Task& task) {
  // With the topology and all that is included.
  const auto texts =
      scenario::written_out(task.sweep.scenario_file,
                            library_path(Shelf::Topologies, "x").parent_path(), task.sweep.always);
  if (!texts) return tl::make_unexpected(texts.error());
  return sweep::fingerprint(task.sweep, task.plan, {task.sweep.file},
                            {texts->scenario, texts->topology});
}

FileResult<Results> open(const Task& task, Results::Begin begin) {
  const auto folder = folder_of(task);
  if (auto made = make_folder(folder); !made) return tl::make_unexpected(made.error());
  const auto print = print_of(task);
  if (!print) return tl::make_unexpected(print.error());
  auto results = Results::open(folder, task.sweep, task.plan, *print, begin);
  if (results && begin == Results::Begin::Again) remove_evidence(folder);
  return results;
}

Results::Begin begin_of(const Options& options) {
  return options.again    ? Results::Begin::Again
         : options.resume ? Results::Begin::Resume
                          : Results::Begin::New;
}

// A part is told of in one line: the report is of the whole.
Exit conclude_shard(const Task& task, Results& results) {
  const auto rows = results.rows();
  results.finish();
  const auto well = std::ranges::count(rows, Outcome::AsExpected, &Row::outcome);
  fmt::print(task.console.out(),
             "shard {} of {}: {} runs, {} as expected. When all are there: {} --out {} --merge\n",
             task.shard->shard, task.shard->of, rows.size(), well, command_of(task.options),
             task.folder.string());
  return static_cast<std::size_t>(well) == rows.size() ? Exit::AsExpected : Exit::Failed;
}

FileResult<Exit> play_and_conclude(const Task& task, Results& results, const Way& way) {
  if (play(task, results, way))
    return task.shard ? conclude_shard(task, results) : conclude(task, results);
  fmt::print(
      task.console.err(),
      "rtclab: interrupted; what was played is kept, and goes on with: {} --out {} --resume\n",
      command_of(task.options), task.folder.string());
  return Exit::Failed;
}

// What stands in DIR/shards/* goes into DIR.
FileResult<Exit> merge(const Task& task) {
  auto results = open(task, Results::Begin::Resume);
  if (!results) return tl::make_unexpected(results.error());
  const auto print = print_of(task);
  if (!print) return tl::make_unexpected(print.error());
  std::error_code error;
  std::set<fs::path> shards;
  for (const auto& entry : fs::directory_iterator{task.folder / "shards", error})
    shards.insert(entry.path());
  if (shards.empty())
    return refuse((task.folder / "shards").string(),
                  "there are no shards here: --shard 1/4 makes one");
  auto done = results->done();
  for (const auto& shard : shards) {
    const auto part = Results::open(shard, task.sweep, task.plan, *print, Results::Begin::Resume);
    if (!part) return tl::make_unexpected(part.error());
    for (const auto& row : part->rows()) {
      if (done[row.run - 1]) continue;
      results->keep(row);
      done[row.run - 1] = true;
    }
  }
  results->commit();
  const auto missing = std::ranges::count(done, false);
  if (missing == 0) return conclude(task, *results);
  const auto first = std::ranges::find(done, false) - done.begin() + 1;
  return refuse(
      (task.folder / "shards").string(),
      fmt::format("{} of {} runs are not there yet, the first is run {}; what is there is "
                  "merged",
                  missing, done.size(), first));
}

// Each rank comes here; the first speaks for all.
FileResult<Exit> run_with_mpi(const Task& task) {
  const sweep::MpiCrew crew;
  const auto print = print_of(task);
  if (!crew.agree(print ? *print : "")) {
    if (!crew.is_first()) return Exit::AsExpected;
    return refuse(task.sweep.file, "the ranks of this job do not read the same files");
  }
  if (crew.is_first()) {
    auto results = open(task, begin_of(task.options));
    if (!crew.go_on(results.has_value())) return tl::make_unexpected(results.error());
    return play_and_conclude(task, *results, [&](auto&... how) { return crew.deal(how...); });
  }
  if (!crew.go_on(true)) return Exit::AsExpected;
  auto player = player_of(task);
  crew.serve([&](sweep::RunNumber run) { return player.play(run); },
             pool_of(task.options.processes));
  return Exit::AsExpected;
}

FileResult<Exit> run_sweep(const Options& options, const Console& console) {
  auto task = task_of(options, console);
  if (!task) return tl::make_unexpected(task.error());
  if (!options.shard.empty()) {
    task->shard = sweep::parse_shard(options.shard);
    if (!task->shard)
      return refuse("--shard " + options.shard, "expected which of how many, such as 3/8");
  }
  if (options.merge) return merge(*task);
  if (options.mpi) return run_with_mpi(*task);
  auto results = open(*task, begin_of(options));
  if (!results) return tl::make_unexpected(results.error());
  return play_and_conclude(*task, *results, sweep::play_in_processes);
}

// A disk that is full is no fault of ours.
FileResult<Exit> run_guarded(const Options& options, const Console& console) {
  try {
    return run_sweep(options, console);
  } catch (const sweep::CannotKeep& fault) {
    return tl::make_unexpected(fault.error);
  }
}

FileResult<Exit> run(const Options& options, const Console& console) {
  if (options.exported.empty() == options.sweep.empty())
    return refuse("rtclab sweep",
                  "expected a sweep (\"rtclab list sweeps\"), or --export with a folder");
  if (options.exported.empty()) return run_guarded(options, console);
  const auto files = sweep::export_csv(options.exported);
  if (!files) return tl::make_unexpected(files.error());
  for (const auto& file : *files) fmt::print(console.out(), "{}\n", file.string());
  return Exit::AsExpected;
}

}  // namespace

Run add_sweep(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.add_option("SWEEP", options->sweep,
                     "A sweep of the library (\"rtclab list sweeps\") or the path of a file that "
                     "ends in .xml");
  command.add_option("--out", options->out,
                     "The folder for results and report (default: out/sweeps/<sweep>)");
  command.add_option("--seeds", options->seeds, "Other seeds than the file says: 1..100");
  add_settings(command, options->set);
  add_processes(command, options->processes);
  command
      .add_option("--evidence", options->evidence,
                  "failed: play the runs that were not as expected once more and leave their "
                  "evidence and reports in runs/N")
      ->check(CLI::IsMember({"failed"}));
  command
      .add_option("--export", options->exported,
                  "Write runs.csv and cells.csv from the results in this folder, and do no more")
      ->type_name("DIR");
  auto* const resume =
      command.add_flag("--resume", options->resume, "Go on with the results that are there");
  command.add_flag("--again", options->again, "Forget the results that are there")
      ->excludes(resume);
  auto* const shard =
      command
          .add_option(
              "--shard", options->shard,
              "Play only this part of the runs, 3/8, into DIR/shards: for the job array of a "
              "batch system")
          ->type_name("I/N");
  command
      .add_flag("--merge", options->merge,
                "Put together what shards have left in DIR/shards, and write the report")
      ->excludes(shard);
  command
      .add_flag("--mpi", options->mpi,
                "Under mpirun: rank 0 deals runs out and writes, the others play them")
      ->excludes(shard);
  command.add_flag("--json", options->json, "Print one JSON object instead of the summary");
  return [options](const Console& console) { return console.conclude(run(*options, console)); };
}

}  // namespace rtclab::cli
