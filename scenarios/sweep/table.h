// What a sweep found, to ask questions of: rows grouped by the points of axes.
#pragma once

#include "scenarios/sweep/row.h"
#include "scenarios/sweep/view.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::sweep {

struct Share {
  std::size_t hits = 0;
  std::size_t of = 0;
  [[nodiscard]] double value() const {
    return of == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(of);
  }
};

using RowRefs = std::vector<const Row*>;

class Table {
 public:
  // All three must outlive the table. `rows` in the order of their runs.
  Table(const Sweep& sweep, const Plan& plan, const std::vector<Row>& rows);

  [[nodiscard]] const Sweep& sweep() const { return sweep_; }
  [[nodiscard]] const Plan& plan() const { return plan_; }
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] RowRefs all() const;

  // nullopt when there is none of that name.
  [[nodiscard]] std::optional<std::size_t> axis(std::string_view name) const;
  [[nodiscard]] const Collector* collector(std::string_view name) const;
  [[nodiscard]] std::size_t point(const Row& row, std::size_t axis) const {
    return plan_.cells[plan_.cell_of(row.run)].points[axis];
  }
  // The rows at each point of the axis.
  [[nodiscard]] std::vector<RowRefs> by(std::size_t axis, const RowRefs& rows) const;

  // How many of the rows were as expected or, of a truth that is collected, how many have it.
  [[nodiscard]] Share share(const RowRefs& rows, std::string_view of) const;
  // The numbers that are there, sorted.
  [[nodiscard]] std::vector<double> numbers(const RowRefs& rows, std::string_view of) const;

 private:
  [[nodiscard]] const Figure* figure(const Row& row, std::string_view name) const;

  const Sweep& sweep_;
  const Plan& plan_;
  const std::vector<Row>& rows_;
};

// Precondition: sorted, not empty.
[[nodiscard]] double statistic_of(const std::vector<double>& sorted, Statistic statistic);
[[nodiscard]] std::string_view to_string(Statistic statistic);

// Those of the sweep, or where it says none those that suit its axes.
[[nodiscard]] std::vector<View> views_of(const Sweep& sweep, const Plan& plan);

}  // namespace rtclab::sweep
