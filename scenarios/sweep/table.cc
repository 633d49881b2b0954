#include "scenarios/sweep/table.h"

#include "scenarios/sweep/statistics.h"

#include <algorithm>
#include <array>

namespace rtclab::sweep {
namespace {

constexpr std::array<std::string_view, 4> kStatisticNames{"mean", "median", "95th percentile",
                                                          "greatest"};

std::vector<const PlannedAxis*> with_points(const Plan& plan) {
  std::vector<const PlannedAxis*> axes;
  for (const auto& axis : plan.axes) {
    if (!axis.is_drops && axis.labels.size() > 1) axes.push_back(&axis);
  }
  return axes;
}

}  // namespace

Table::Table(const Sweep& sweep, const Plan& plan, const std::vector<Row>& rows)
    : sweep_{sweep}, plan_{plan}, rows_{rows} {}

RowRefs Table::all() const {
  RowRefs all;
  for (const auto& row : rows_) all.push_back(&row);
  return all;
}

std::optional<std::size_t> Table::axis(std::string_view name) const {
  const auto found = std::ranges::find(plan_.axes, name, &PlannedAxis::name);
  if (found == plan_.axes.end()) return std::nullopt;
  return static_cast<std::size_t>(found - plan_.axes.begin());
}

const Collector* Table::collector(std::string_view name) const {
  const auto found = std::ranges::find(sweep_.collectors, name, &Collector::name);
  return found == sweep_.collectors.end() ? nullptr : &*found;
}

std::vector<RowRefs> Table::by(std::size_t axis, const RowRefs& rows) const {
  std::vector<RowRefs> groups(plan_.axes[axis].labels.size());
  for (const auto* const row : rows) groups[point(*row, axis)].push_back(row);
  return groups;
}

const Figure* Table::figure(const Row& row, std::string_view name) const {
  const auto found = std::ranges::find(sweep_.collectors, name, &Collector::name);
  const auto place = static_cast<std::size_t>(found - sweep_.collectors.begin());
  return place < row.figures.size() ? &row.figures[place] : nullptr;
}

Share Table::share(const RowRefs& rows, std::string_view of) const {
  const auto hits = std::ranges::count_if(rows, [&](const Row* row) {
    if (of.empty()) return row->outcome == Outcome::AsExpected;
    const auto* const found = figure(*row, of);
    const auto* const truth = found == nullptr ? nullptr : std::get_if<bool>(found);
    return truth != nullptr && *truth;
  });
  return {static_cast<std::size_t>(hits), rows.size()};
}

std::vector<double> Table::numbers(const RowRefs& rows, std::string_view of) const {
  std::vector<double> numbers;
  for (const auto* const row : rows) {
    const auto* const found = figure(*row, of);
    const auto* const number = found == nullptr ? nullptr : std::get_if<double>(found);
    if (number != nullptr) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

double statistic_of(const std::vector<double>& sorted, Statistic statistic) {
  switch (statistic) {
    case Statistic::Mean: return mean(sorted);
    case Statistic::Median: return quantile(sorted, 0.5);
    case Statistic::P95: return quantile(sorted, 0.95);
    case Statistic::Greatest: return sorted.back();
  }
  __builtin_unreachable();
}

std::string_view to_string(Statistic statistic) {
  return kStatisticNames.at(static_cast<std::size_t>(statistic));
}

std::vector<View> views_of(const Sweep& sweep, const Plan& plan) {
  if (!sweep.views.empty()) return sweep.views;
  std::vector<View> views;
  std::vector<std::string> numbers;
  std::vector<std::string> shares{""};  // of what is as expected, and of each yes or no
  for (const auto& collector : sweep.collectors) {
    if (kind_of(collector) == FigureKind::Number) numbers.push_back(collector.name);
    if (kind_of(collector) == FigureKind::Truth) shares.push_back(collector.name);
  }
  for (const auto& axis : plan.axes) {
    if (axis.is_drops && !numbers.empty()) views.emplace_back(Faults{axis.name, numbers.front()});
  }
  const auto axes = with_points(plan);
  if (axes.size() >= 2) {
    for (const auto& name : shares) views.emplace_back(HeatMap{axes[0]->name, axes[1]->name, name});
    for (const auto& name : numbers)
      views.emplace_back(HeatMap{axes[0]->name, axes[1]->name, name});
  }
  for (const auto* const axis : axes) {
    for (const auto& name : shares) views.emplace_back(Rates{axis->name, name});
  }
  for (const auto& name : numbers) {
    views.emplace_back(Distribution{name, axes.empty() ? "" : axes.front()->name});
  }
  return views;
}

}  // namespace rtclab::sweep
