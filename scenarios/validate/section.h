// The validation report as plain values: what rtclab must reproduce, and what it measured.
//
// A section is a pure function of its effort: it runs simulations and returns what it claims, from
// where the claim is, and a row for each figure with its verdict. Nothing in it depends on the
// machine or on the time that it took, so that equal efforts give equal reports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace rtclab::validate {

// How much is run. What is drawn at random takes its draws from `seed` and the names of its parts.
struct Effort {
  std::uint64_t seed = 1;
  unsigned seeds = 3;          // the runs of each cell of a table: seed, seed + 1, …
  std::size_t samples = 4000;  // transactions, packets, pairs: each section says of what
};

// One figure, or one cell.
struct Check {
  std::string what;      // "P(fail) at 10 %"
  std::string expected;  // "8.9e-6"
  std::string measured;  // "0 of 4000"
  std::string within;    // the tolerance or interval, with its arithmetic; "exact"
  bool agrees = false;
};

// A paragraph, in Markdown.
struct Prose {
  std::string text;
};
// To look at; the verdicts stand in Checks.
struct Table {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
};
// Rows with their verdicts. Where there are too many to read, only those that differ are printed
// one by one; JSON has all.
struct Checks {
  std::string caption;
  std::vector<Check> rows;
  bool listed = true;
};
using Block = std::variant<Prose, Table, Checks>;

struct Section {
  std::string name;  // "nat-table": what --only takes
  std::string title;
  std::string source;  // where the expected figures are from
  std::vector<Block> blocks{};

  [[nodiscard]] std::size_t checks() const;
  [[nodiscard]] std::size_t failures() const;
  [[nodiscard]] bool agrees() const { return failures() == 0; }
};

}  // namespace rtclab::validate
