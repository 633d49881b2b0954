#include "scenarios/sweep/results.h"

#include "scenarios/sweep/pipe.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <functional>
#include <optional>
#include <system_error>
#include <utility>

namespace rtclab::sweep {
namespace {

namespace fs = std::filesystem;

auto refuse(const fs::path& path, std::string message) {
  return tl::make_unexpected(FileError{.file = path.string(), .message = std::move(message)});
}

// A lock that ends with its process, also with one that is killed, and that children do not
// inherit (fcntl(2), record locks).
FileResult<Descriptor> lock(const fs::path& folder) {
  const auto file = folder / "lock";
  Descriptor descriptor{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)};
  if (descriptor.number() < 0)
    return refuse(file, fmt::format("cannot write this file: {}", std::strerror(errno)));
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(descriptor.number(), F_SETLK, &whole) != 0)
    return refuse(folder, "another rtclab sweep is writing into this folder");
  return descriptor;
}

void remove_database(const fs::path& file) {
  std::error_code ignored;
  for (const auto* const tail : {"", "-wal", "-shm", "-journal", ".new"})
    fs::remove(file.string() + tail, ignored);
}

std::string_view name_of(FigureKind kind) {
  switch (kind) {
    case FigureKind::Truth: return "truth";
    case FigureKind::Number: return "number";
    case FigureKind::Text: return "text";
  }
  __builtin_unreachable();
}

// Names of axes and figures are identifiers, which have no quotation marks.
std::string table_of_runs(const Sweep& sweep, const Plan& plan) {
  std::string columns = "run INTEGER PRIMARY KEY, seed INTEGER";
  for (const auto& axis : plan.axes) columns += fmt::format(", \"{}\" TEXT", axis.name);
  columns += ", outcome TEXT, detail TEXT";
  for (const auto& collector : sweep.collectors) columns += fmt::format(", \"{}\"", collector.name);
  return fmt::format("CREATE TABLE runs ({})", columns);
}

std::string insertion(const Sweep& sweep, const Plan& plan) {
  std::string places = "?, ?, ?, ?";
  for (std::size_t i = 0; i < plan.axes.size() + sweep.collectors.size(); ++i) places += ", ?";
  return fmt::format("INSERT INTO runs VALUES ({})", places);
}

template <class... Values>
void insert(SQLite::Database& database, const char* table, const char* places, Values&&... values) {
  SQLite::Statement statement{database, fmt::format("INSERT INTO {} VALUES ({})", table, places)};
  int place = 0;
  (statement.bind(++place, values), ...);
  statement.exec();
}

void describe(SQLite::Database& database, const Sweep& sweep, const Plan& plan,
              const std::string& fingerprint) {
  const auto say = [&](const char* property, const auto& value) {
    insert(database, "sweep", "?, ?", property, value);
  };
  say("name", sweep.name);
  say("title", sweep.title);
  say("scenario", sweep.scenario);
  say("fingerprint", fingerprint);
  say("runs", static_cast<std::int64_t>(plan.runs()));
  say("first_seed", static_cast<std::int64_t>(plan.seeds.first));
  say("last_seed", static_cast<std::int64_t>(plan.seeds.last));
  for (std::size_t axis = 0; axis < plan.axes.size(); ++axis) {
    const auto& labels = plan.axes[axis].labels;
    insert(database, "axes", "?, ?", static_cast<std::int64_t>(axis), plan.axes[axis].name);
    for (std::size_t point = 0; point < labels.size(); ++point) {
      insert(database, "points", "?, ?, ?", static_cast<std::int64_t>(axis),
             static_cast<std::int64_t>(point), labels[point]);
    }
  }
  std::int64_t position = 0;
  for (const auto& collector : sweep.collectors) {
    insert(database, "figures", "?, ?, ?, ?", position++, collector.name,
           std::string{name_of(kind_of(collector))}, std::string{unit_of(collector)});
  }
}

// All of it or nothing, so that whoever is killed meanwhile leaves no half.
void create(SQLite::Database& database, const Sweep& sweep, const Plan& plan,
            const std::string& fingerprint) {
  SQLite::Transaction transaction{database};
  database.exec("CREATE TABLE sweep (property TEXT PRIMARY KEY, value)");
  database.exec("CREATE TABLE axes (position INTEGER PRIMARY KEY, name TEXT)");
  database.exec("CREATE TABLE points (axis INTEGER, position INTEGER, label TEXT)");
  database.exec(
      "CREATE TABLE figures (position INTEGER PRIMARY KEY, name TEXT, kind TEXT, unit TEXT)");
  database.exec(table_of_runs(sweep, plan));
  describe(database, sweep, plan, fingerprint);
  transaction.commit();
}

struct Bind {
  SQLite::Statement& statement;
  int place;
  void operator()(std::monostate /*nothing*/) { statement.bind(place); }
  void operator()(bool truth) { statement.bind(place, truth ? 1 : 0); }
  void operator()(double number) { statement.bind(place, number); }
  void operator()(const std::string& text) { statement.bind(place, text); }
};

Figure figure_of(const SQLite::Column& column, FigureKind kind) {
  if (column.isNull()) return {};
  switch (kind) {
    case FigureKind::Truth: return column.getInt() != 0;
    case FigureKind::Number: return column.getDouble();
    case FigureKind::Text: return column.getString();
  }
  __builtin_unreachable();
}

}  // namespace

struct Results::Parts {
  Parts(Descriptor held, fs::path path, const Sweep& its_sweep, const Plan& its_plan,
        std::string its_fingerprint)
      : lock{std::move(held)},
        file{std::move(path)},
        sweep{its_sweep},
        plan{its_plan},
        fingerprint{std::move(its_fingerprint)},
        database{std::in_place, file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE} {
    database->exec("PRAGMA journal_mode = WAL");
    database->exec("PRAGMA synchronous = NORMAL");
  }
  void keep(const Row& row);
  void commit();
  void finish();
  // With the name of the file, which SQLite does not say.
  void guarded(const std::function<void()>& write) const {
    try {
      write();
    } catch (const std::exception& fault) {
      throw CannotKeep{
          FileError{.file = file.string(),
                    .message = fmt::format("results cannot be kept here: {}", fault.what())}};
    }
  }
  void prepare() { insert_run.emplace(*database, insertion(sweep, plan)); }

  Descriptor lock;
  fs::path file;
  const Sweep& sweep;
  const Plan& plan;
  std::string fingerprint;
  std::optional<SQLite::Database> database;
  std::optional<SQLite::Statement> insert_run;
  std::optional<SQLite::Transaction> transaction;
};

Results::Results(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}
Results::Results(Results&&) noexcept = default;
Results& Results::operator=(Results&&) noexcept = default;
Results::~Results() = default;

FileResult<Results> Results::open(const fs::path& folder, const Sweep& sweep, const Plan& plan,
                                  const std::string& fingerprint, Begin begin) {
  auto held = lock(folder);
  if (!held) return tl::make_unexpected(held.error());
  const auto file = folder / kResultsFile;
  std::error_code error;
  if (begin == Begin::New && fs::exists(file, error)) {
    return refuse(file,
                  "there are results already: --resume goes on with them, --again begins anew");
  }
  if (begin == Begin::Again) remove_database(file);
  try {
    auto parts = std::make_unique<Parts>(*std::move(held), file, sweep, plan, fingerprint);
    auto& database = *parts->database;
    if (!database.tableExists("sweep")) create(database, sweep, plan, fingerprint);
    const auto found =
        database.execAndGet("SELECT value FROM sweep WHERE property = 'fingerprint'").getString();
    if (found != fingerprint) {
      return refuse(file,
                    "these are results of another sweep: its file, its scenario or topology, its "
                    "axes or its seeds were others; --again forgets them, --out keeps them");
    }
    parts->prepare();
    return Results{std::move(parts)};
  } catch (const SQLite::Exception& fault) {
    return refuse(file, fmt::format("no results of rtclab sweep: {}", fault.what()));
  }
}

std::vector<bool> Results::done() const {
  std::vector<bool> done(parts_->plan.runs());
  SQLite::Statement query{*parts_->database, "SELECT run FROM runs"};
  while (query.executeStep())
    done.at(static_cast<std::size_t>(query.getColumn(0).getInt64() - 1)) = true;
  return done;
}

std::vector<Row> Results::rows() const {
  const auto& collectors = parts_->sweep.collectors;
  const auto outcome_at = static_cast<int>(2 + parts_->plan.axes.size());
  std::vector<Row> rows;
  SQLite::Statement query{*parts_->database, "SELECT * FROM runs ORDER BY run"};
  while (query.executeStep()) {
    Row row{
        .run = static_cast<RunNumber>(query.getColumn(0).getInt64()),
        .outcome = parse_outcome(query.getColumn(outcome_at).getString()).value_or(Outcome::Failed),
        .detail = query.getColumn(outcome_at + 1).getString()};
    auto place = outcome_at + 1;
    for (const auto& collector : collectors)
      row.figures.push_back(figure_of(query.getColumn(++place), kind_of(collector)));
    rows.push_back(std::move(row));
  }
  return rows;
}

void Results::Parts::keep(const Row& row) {
  if (!transaction) transaction.emplace(*database);
  auto& statement = *insert_run;
  const auto& cell = plan.cells[plan.cell_of(row.run)];
  statement.reset();
  int place = 0;
  statement.bind(++place, static_cast<std::int64_t>(row.run));
  statement.bind(++place, static_cast<std::int64_t>(plan.seed_of(row.run)));
  for (std::size_t axis = 0; axis < plan.axes.size(); ++axis)
    statement.bind(++place, plan.axes[axis].labels[cell.points[axis]]);
  statement.bind(++place, std::string{to_string(row.outcome)});
  statement.bind(++place, row.detail);
  for (std::size_t i = 0; i < sweep.collectors.size(); ++i) {
    const auto figure = i < row.figures.size() ? row.figures[i] : Figure{};
    std::visit(Bind{statement, ++place}, figure);
  }
  statement.exec();
}

void Results::Parts::commit() {
  if (!transaction) return;
  transaction->commit();
  transaction.reset();
}

// A database of its own is made from the rows in their order, so that its octets do not say how
// often the sweep was gone on with (VACUUM counts itself in the schema's cookie), and takes the
// place of the old file at once.
void Results::Parts::finish() {
  commit();
  const auto fresh = file.string() + ".new";
  remove_database(fresh);
  {
    SQLite::Database anew{fresh, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
    create(anew, sweep, plan, fingerprint);
    anew.exec("PRAGMA synchronous = NORMAL");
    SQLite::Statement attach{anew, "ATTACH ? AS played"};
    attach.bind(1, file.string());
    attach.exec();
    anew.exec("INSERT INTO main.runs SELECT * FROM played.runs ORDER BY run");
    anew.exec("DETACH played");
  }
  database->exec(
      "PRAGMA wal_checkpoint(TRUNCATE)");  // nothing of the old file may be left beside it
  insert_run.reset();
  database.reset();
  fs::rename(fresh, file);
}

void Results::keep(const Row& row) {
  parts_->guarded([&] { parts_->keep(row); });
}

void Results::commit() {
  parts_->guarded([&] { parts_->commit(); });
}

void Results::finish() {
  parts_->guarded([&] { parts_->finish(); });
}

}  // namespace rtclab::sweep
