#include "scenarios/validate/grid.h"

#include "scenarios/validate/figures.h"
#include "scenarios/validate/meeting.h"

#include <fmt/format.h>

#include <map>

namespace rtclab::validate {
namespace {

constexpr char kDisagree = '?';

char meet_once(const topology::Topology& topology, std::uint64_t seed, Agreement agreement) {
  const auto with = meet(topology, {.seed = seed, .has_relay = true});
  const auto without = meet(topology, {.seed = seed, .has_relay = false});
  if (with == Outcome::Direct && without == Outcome::Direct) return 'P';
  const bool is_over = without == Outcome::Failed || agreement == Agreement::Most;
  if (with == Outcome::Relayed && without != Outcome::Direct && is_over) return 'r';
  return kDisagree;
}

}  // namespace

char meet_in_cell(const topology::Topology& topology, const Effort& effort, Agreement agreement) {
  std::map<char, unsigned> seen;
  for (unsigned n = 0; n < effort.seeds; ++n)
    ++seen[meet_once(topology, effort.seed + n, agreement)];
  for (const auto& [cell, times] : seen) {
    if (times == effort.seeds) return cell;
    if (agreement == Agreement::Most && 2 * times > effort.seeds) return cell;
  }
  return kDisagree;
}

Grid meet_all(const std::vector<Row>& rows, const std::vector<Row>& columns, const Effort& effort,
              Agreement agreement) {
  Grid grid;
  for (const auto& row : rows) {
    auto& cells = grid.emplace_back();
    for (const auto& column : columns)
      cells += meet_in_cell(two_sides(row.access, column.access), effort, agreement);
  }
  return grid;
}

Table table_of(const std::string& corner, const std::vector<Row>& rows,
               const std::vector<Row>& columns, const Grid& measured, const Grid& expected) {
  Table table{{corner}, {}};
  for (const auto& column : columns) table.head.push_back(column.name);
  for (std::size_t a = 0; a < rows.size(); ++a) {
    auto& cells = table.rows.emplace_back();
    cells.push_back(rows[a].name);
    for (std::size_t b = 0; b < columns.size(); ++b) {
      const char seen = measured[a][b];
      cells.push_back(seen == expected[a][b] ? std::string(1, seen)
                                             : fmt::format("**{}, not {}**", seen, expected[a][b]));
    }
  }
  return table;
}

Checks checks_of(std::string caption, const std::vector<Row>& rows, const std::vector<Row>& columns,
                 const Grid& measured, const Grid& expected) {
  Checks checks{.caption = std::move(caption), .rows = {}, .listed = false};
  for (std::size_t a = 0; a < rows.size(); ++a) {
    for (std::size_t b = 0; b < columns.size(); ++b) {
      checks.rows.push_back(check_text(fmt::format("{} calls {}", rows[a].name, columns[b].name),
                                       std::string(1, expected[a][b]),
                                       std::string(1, measured[a][b])));
    }
  }
  return checks;
}

}  // namespace rtclab::validate
