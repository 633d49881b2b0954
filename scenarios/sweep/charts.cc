#include "scenarios/sweep/charts.h"

#include "scenarios/sweep/number_range.h"
#include "scenarios/sweep/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rtclab::sweep {
namespace {

// The share at each point of the axis that has runs.
Curve rates(const Table& table, const RowRefs& rows, std::size_t axis, std::string_view of,
            std::string name) {
  Curve curve{std::move(name), {}};
  const auto groups = table.by(axis, rows);
  for (std::size_t point = 0; point < groups.size(); ++point) {
    if (groups[point].empty()) continue;
    const auto share = table.share(groups[point], of);
    const auto [low, high] = wilson(share.hits, share.of);
    curve.points.push_back({static_cast<double>(point), share.value(), low, high});
  }
  return curve;
}

// "symmetric", where nothing lies between one and the next; not "5ms".
bool are_kinds(const std::vector<std::string>& labels) {
  return !std::ranges::all_of(labels,
                              [](const auto& label) { return parse_quantity(label).has_value(); });
}

struct ChartOf {
  const Table& table;

  std::optional<Chart> operator()(const HeatMap& /*view*/) const { return std::nullopt; }
  std::optional<Chart> operator()(const Faults& /*view*/) const { return std::nullopt; }

  std::optional<Chart> operator()(const Rates& view) const {
    const auto axis = table.axis(view.by);
    if (!axis) return std::nullopt;
    Chart chart{.form = Chart::Form::Points,
                .x_label = view.by,
                .y_label = view.of.empty() ? "as expected" : view.of,
                .x_names = table.plan().axes[*axis].labels,
                .is_of_kinds = are_kinds(table.plan().axes[*axis].labels),
                .is_share = true};
    const auto series = table.axis(view.series);
    if (!series) {
      chart.curves.push_back(rates(table, table.all(), *axis, view.of, ""));
      return chart;
    }
    const auto groups = table.by(*series, table.all());
    for (std::size_t i = 0; i < groups.size() && i < kMostCurves; ++i) {
      chart.curves.push_back(
          rates(table, groups[i], *axis, view.of,
                fmt::format("{} {}", view.series, table.plan().axes[*series].labels[i])));
    }
    return chart;
  }

  std::optional<Chart> operator()(const Distribution& view) const {
    const auto axis = table.axis(view.by);
    const auto groups = axis ? table.by(*axis, table.all()) : std::vector<RowRefs>{table.all()};
    auto chart =
        groups.size() <= kMostCurves ? cumulative(view, axis, groups) : spread(view, *axis, groups);
    std::erase_if(chart.curves, [](const Curve& curve) { return curve.points.empty(); });
    if (chart.curves.empty()) return std::nullopt;
    return chart;
  }

 private:
  // The share of all runs of a group that had come so far by then; it ends below 1 where some never
  // did.
  [[nodiscard]] Chart cumulative(const Distribution& view, std::optional<std::size_t> axis,
                                 const std::vector<RowRefs>& groups) const {
    const auto* const collector = table.collector(view.of);
    Chart chart{.form = Chart::Form::Steps,
                .x_label = fmt::format("{}{}", view.of, unit_in_brackets(*collector)),
                .y_label = "runs so far",
                .is_share = true};
    double least = 0;
    double greatest = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const auto numbers = table.numbers(groups[i], view.of);
      Curve curve{axis ? fmt::format("{} {}", view.by, table.plan().axes[*axis].labels[i]) : "",
                  {}};
      for (std::size_t k = 0; k < numbers.size(); ++k) {
        const auto share = static_cast<double>(k + 1) / static_cast<double>(groups[i].size());
        if (!curve.points.empty() && curve.points.back().x == numbers[k]) {
          curve.points.back().y = share;
        } else {
          if (curve.points.empty()) curve.points.push_back({numbers[k], 0});
          curve.points.push_back({numbers[k], share});
        }
      }
      if (!numbers.empty()) {
        least = least == 0 ? numbers.front() : std::min(least, numbers.front());
        greatest = std::max(greatest, numbers.back());
      }
      chart.curves.push_back(std::move(curve));
    }
    for (auto& curve : chart.curves) {
      if (!curve.points.empty() && curve.points.back().x < greatest)
        curve.points.push_back({greatest, curve.points.back().y});
    }
    // A tail of retransmissions would press all else against the left edge.
    chart.logarithmic = least > 0 && greatest / least > 20;
    return chart;
  }

  // Quantiles along the axis.
  [[nodiscard]] Chart spread(const Distribution& view, std::size_t axis,
                             const std::vector<RowRefs>& groups) const {
    Chart chart{
        .form = Chart::Form::Lines,
        .x_label = view.by,
        .y_label = fmt::format("{}{}", view.of, unit_in_brackets(*table.collector(view.of))),
        .x_names = table.plan().axes[axis].labels,
        .is_of_kinds = are_kinds(table.plan().axes[axis].labels)};
    for (const auto& [name, p] : {std::pair{"least", 0.0}, std::pair{"median", 0.5},
                                  std::pair{"95th percentile", 0.95}, std::pair{"greatest", 1.0}}) {
      Curve curve{name, {}};
      for (std::size_t i = 0; i < groups.size(); ++i) {
        const auto numbers = table.numbers(groups[i], view.of);
        if (!numbers.empty())
          curve.points.push_back({static_cast<double>(i), quantile(numbers, p)});
      }
      chart.curves.push_back(std::move(curve));
    }
    return chart;
  }

  static std::string unit_in_brackets(const Collector& collector) {
    const auto unit = unit_of(collector);
    return unit.empty() ? "" : fmt::format(" ({})", unit.substr(1));
  }
};

}  // namespace

std::optional<Chart> chart_of(const View& view, const Table& table) {
  return std::visit(ChartOf{table}, view);
}

}  // namespace rtclab::sweep
