#include "scenarios/sweep/csv.h"

#include "scenarios/sweep/results.h"
#include "scenarios/sweep/statistics.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>

namespace rtclab::sweep {
namespace {

namespace fs = std::filesystem;

// RFC 4180 §2: in quotation marks where a comma, one of them or a new line stands.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string{"\"\""} : std::string{c};
  return quoted + '"';
}

std::string line_of(const std::vector<std::string>& fields) {
  std::string line;
  for (const auto& each : fields) line += (line.empty() ? "" : ",") + field(each);
  return line + "\r\n";
}

// As short as it can be told again, whatever the locale. A sum of doubles is off by what their last
// bits say, and none of it was measured to twelve digits; counters are whole and keep all of
// theirs.
std::string number_of(double number) {
  constexpr double kWhole = 9007199254740992;  // 2^53
  if (std::abs(number) < kWhole && number == std::trunc(number))
    return fmt::format("{}", static_cast<std::int64_t>(number));
  return fmt::format("{:.12g}", number);
}

std::string text_of(const SQLite::Column& column) {
  if (column.isNull()) return "";
  if (column.isFloat()) return number_of(column.getDouble());
  return column.getString();
}

std::string runs_csv(SQLite::Database& database) {
  SQLite::Statement query{database, "SELECT * FROM runs ORDER BY run"};
  std::vector<std::string> fields;
  for (int i = 0; i < query.getColumnCount(); ++i) fields.emplace_back(query.getColumnName(i));
  auto csv = line_of(fields);
  while (query.executeStep()) {
    fields.clear();
    for (int i = 0; i < query.getColumnCount(); ++i) fields.push_back(text_of(query.getColumn(i)));
    csv += line_of(fields);
  }
  return csv;
}

std::vector<std::string> column_of(SQLite::Database& database, const std::string& query) {
  SQLite::Statement statement{database, query};
  std::vector<std::string> texts;
  while (statement.executeStep()) texts.push_back(statement.getColumn(0).getString());
  return texts;
}

// The runs of a cell follow each other, so cells come in their order.
struct CellCounts {
  std::size_t runs = 0;
  std::size_t as_expected = 0;
  std::vector<std::vector<double>> figures;
};

std::vector<std::string> heads_of(const std::vector<std::string>& axes,
                                  const std::vector<std::string>& figures) {
  auto heads = axes;
  for (const auto* const head : {"runs", "as expected", "share", "low", "high"})
    heads.emplace_back(head);
  for (const auto& figure : figures) {
    for (const auto* const what : {"count", "mean", "median", "p95", "greatest"})
      heads.push_back(fmt::format("{} {}", figure, what));
  }
  return heads;
}

std::vector<std::string> fields_of(std::vector<std::string> labels, CellCounts& cell) {
  const auto add = [&](auto number) { labels.push_back(number_of(static_cast<double>(number))); };
  const auto interval = wilson(cell.as_expected, cell.runs);
  add(cell.runs);
  add(cell.as_expected);
  add(static_cast<double>(cell.as_expected) / static_cast<double>(cell.runs));
  add(interval.low);
  add(interval.high);
  for (auto& values : cell.figures) {
    add(values.size());
    if (values.empty()) {
      for (int i = 0; i < 4; ++i) labels.emplace_back();
      continue;
    }
    std::ranges::sort(values);
    add(mean(values));
    add(quantile(values, 0.5));
    add(quantile(values, 0.95));
    add(values.back());
  }
  return labels;
}

std::string cells_csv(SQLite::Database& database) {
  const auto axes = column_of(database, "SELECT name FROM axes ORDER BY position");
  const auto figures =
      column_of(database, "SELECT name FROM figures WHERE kind <> 'text' ORDER BY position");
  std::vector<std::vector<std::string>> order;
  std::map<std::vector<std::string>, CellCounts> cells;
  SQLite::Statement query{database, "SELECT * FROM runs ORDER BY run"};
  while (query.executeStep()) {
    std::vector<std::string> labels;
    for (const auto& axis : axes) labels.push_back(query.getColumn(axis.c_str()).getString());
    const auto [place, is_new] = cells.try_emplace(labels);
    if (is_new) order.push_back(labels);
    auto& cell = place->second;
    cell.figures.resize(figures.size());
    ++cell.runs;
    if (query.getColumn("outcome").getString() == to_string(Outcome::AsExpected))
      ++cell.as_expected;
    for (std::size_t i = 0; i < figures.size(); ++i) {
      const auto column = query.getColumn(figures[i].c_str());
      if (!column.isNull()) cell.figures[i].push_back(column.getDouble());
    }
  }
  auto csv = line_of(heads_of(axes, figures));
  for (const auto& labels : order) csv += line_of(fields_of(labels, cells.at(labels)));
  return csv;
}

FileResult<void> write(const fs::path& file, const std::string& content) {
  std::ofstream out{file, std::ios::binary};
  out << content;
  out.close();
  if (out) return {};
  return tl::make_unexpected(
      FileError{.file = file.string(), .message = "this file could not be written"});
}

}  // namespace

FileResult<std::vector<fs::path>> export_csv(const fs::path& folder) {
  const auto file = folder / kResultsFile;
  std::error_code error;
  if (!fs::exists(file, error)) {
    return tl::make_unexpected(FileError{
        .file = file.string(), .message = "no such file, expected a folder that a sweep has left"});
  }
  try {
    SQLite::Database database{file.string(), SQLite::OPEN_READONLY};
    const std::vector<std::pair<fs::path, std::string>> files{
        {folder / "runs.csv", runs_csv(database)}, {folder / "cells.csv", cells_csv(database)}};
    std::vector<fs::path> names;
    for (const auto& [name, content] : files) {
      if (auto written = write(name, content); !written)
        return tl::make_unexpected(written.error());
      names.push_back(name);
    }
    return names;
  } catch (const SQLite::Exception& fault) {
    return tl::make_unexpected(FileError{
        .file = file.string(),
        .message = fmt::format("these are no results of rtclab sweep: {}", fault.what())});
  }
}

}  // namespace rtclab::sweep
