#include "scenarios/sweep/reading.h"

#include <algorithm>
#include <array>

namespace rtclab::sweep::reading {
namespace {

using xml::Choice;
using xml::Element;

constexpr std::array kStatistics{
    Choice<Statistic>{"mean", Statistic::Mean}, Choice<Statistic>{"median", Statistic::Median},
    Choice<Statistic>{"p95", Statistic::P95}, Choice<Statistic>{"greatest", Statistic::Greatest}};

struct Known {
  std::vector<std::string> axes;
  std::vector<std::string> drops;
  std::vector<std::string> truths;
  std::vector<std::string> numbers;
};

void note_axes(const Axes& axes, Known& known) {
  for (const auto& part : axes.parts) {
    if (const auto* const axis = std::get_if<Axis>(&part)) {
      (axis->is_drops ? known.drops : known.axes).push_back(axis->name);
    } else if (const auto* const drops = std::get_if<DropAxis>(&part)) {
      known.drops.push_back(drops->name);
    } else {
      note_axes(std::get<Axes>(part), known);
    }
  }
}

Known known_of(const Sweep& sweep) {
  Known known;
  note_axes(sweep.axes, known);
  for (const auto& collector : sweep.collectors) {
    const auto kind = kind_of(collector);
    if (kind == FigureKind::Truth) known.truths.push_back(collector.name);
    if (kind == FigureKind::Number) known.numbers.push_back(collector.name);
  }
  return known;
}

std::string read_name(const Element& element, std::string_view attribute, std::string_view what,
                      const std::vector<std::string>& known) {
  if (!element.has(attribute)) return {};
  auto name = element.text(attribute);
  if (std::ranges::find(known, name) == known.end())
    element.complain_unknown(attribute, what, known);
  return name;
}

View read_heat_map(const Element& element, const Known& known) {
  auto figures = known.truths;
  figures.insert(figures.end(), known.numbers.begin(), known.numbers.end());
  HeatMap map{.rows = read_name(element, "rows", "axis", known.axes),
              .columns = read_name(element, "columns", "axis", known.axes),
              .of = read_name(element, "of", "truth or number that is collected", figures),
              .statistic = element.choice<Statistic>("statistic", kStatistics, Statistic::Median)};
  if (map.rows == map.columns) element.complain("columns", "expected another axis than the rows");
  return map;
}

View read_view(const Element& element, const Known& known) {
  if (element.name() == "heatMap") return read_heat_map(element, known);
  if (element.name() == "rates") {
    return Rates{.by = read_name(element, "by", "axis", known.axes),
                 .of = read_name(element, "of", "truth that is collected", known.truths),
                 .series = read_name(element, "series", "axis", known.axes)};
  }
  if (element.name() == "distribution") {
    return Distribution{.of = read_name(element, "of", "number that is collected", known.numbers),
                        .by = read_name(element, "by", "axis", known.axes)};
  }
  return Faults{.axis = read_name(element, "axis", "axis of drops", known.drops),
                .of = read_name(element, "of", "number that is collected", known.numbers)};
}

}  // namespace

std::vector<View> read_views(const Element& report, const Sweep& sweep) {
  const auto known = known_of(sweep);
  std::vector<View> views;
  for (const auto& element : report.children()) views.push_back(read_view(element, known));
  return views;
}

}  // namespace rtclab::sweep::reading
