// A square of meetings: everybody with everybody, each pair in both roles.
#pragma once

#include "scenarios/validate/access.h"
#include "scenarios/validate/section.h"

#include <string>
#include <vector>

namespace rtclab::validate {

// How many of a cell's runs have to come out alike. Most: where a draw may by chance do what the
// NAT seldom does, say, show one of 200 addresses twice; then a run without a relay need not come
// to its end either, because two NATs that move can make ever new peer-reflexive candidates.
enum class Agreement { All, Most };

// Each seed meets with a relay at hand, and without one. It counts as P when both were direct, as r
// when the one took the relay and the other failed. A cell is '?' where there is no agreement.
[[nodiscard]] char meet_in_cell(const topology::Topology& topology, const Effort& effort,
                                Agreement agreement = Agreement::All);

struct Row {
  std::string name;
  Access access;
};
// Row by row, column by column: 'P', 'r' or '?'.
using Grid = std::vector<std::string>;
[[nodiscard]] Grid meet_all(const std::vector<Row>& rows, const std::vector<Row>& columns,
                            const Effort& effort, Agreement agreement = Agreement::All);

// The grid as a table; a cell that is not as expected says both: "P, not r".
[[nodiscard]] Table table_of(const std::string& corner, const std::vector<Row>& rows,
                             const std::vector<Row>& columns, const Grid& measured,
                             const Grid& expected);
// A check for each cell.
[[nodiscard]] Checks checks_of(std::string caption, const std::vector<Row>& rows,
                               const std::vector<Row>& columns, const Grid& measured,
                               const Grid& expected);

}  // namespace rtclab::validate
