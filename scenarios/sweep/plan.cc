#include "scenarios/sweep/plan.h"

#include "scenarios/sweep/combine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <iterator>

namespace rtclab::sweep {
namespace {

// A part of the tree: its axes, and which of their points meet.
struct Expanded {
  std::vector<const Axis*> axes;
  std::vector<Tuple> tuples;
};

FileResult<Expanded> expand(const Sweep& sweep, const Axes& axes);

FileResult<Expanded> expand_part(const Sweep& sweep, const Axes::Part& part) {
  if (const auto* const inner = std::get_if<Axes>(&part)) return expand(sweep, *inner);
  assert(std::holds_alternative<Axis>(part));
  const auto& axis = std::get<Axis>(part);
  return Expanded{{&axis}, product({axis.points.size()})};
}

auto refuse(const Sweep& sweep, const Axes& axes, std::string message) {
  return tl::make_unexpected(
      FileError{.file = sweep.file, .line = axes.line, .message = std::move(message)});
}

std::vector<Tuple> combine(const Axes& axes, const std::vector<std::size_t>& sizes) {
  switch (axes.combination) {
    case Combination::Product: return product(sizes);
    case Combination::Zip: return zip(sizes);
    case Combination::Pairs: return pairs(sizes);
    case Combination::Sample: return sample(sizes, axes.sample, axes.sample_seed);
  }
  __builtin_unreachable();
}

FileResult<Expanded> expand(const Sweep& sweep, const Axes& axes) {
  std::vector<Expanded> parts;
  std::vector<std::size_t> sizes;
  for (const auto& part : axes.parts) {
    auto expanded = expand_part(sweep, part);
    if (!expanded) return expanded;
    sizes.push_back(expanded->tuples.size());
    parts.push_back(*std::move(expanded));
  }
  if (axes.combination == Combination::Zip &&
      std::ranges::adjacent_find(sizes, std::ranges::not_equal_to{}) != sizes.end()) {
    return refuse(sweep, axes,
                  fmt::format("a zip needs axes of one length, these have {} points",
                              fmt::join(sizes, ", ")));
  }
  if (axes.combination == Combination::Product && product_size(sizes) > kMostRuns) {
    return refuse(sweep, axes,
                  fmt::format("these axes have more than {} points together, expected fewer, or "
                              "combine=\"pairs\" or \"sample\"",
                              kMostRuns));
  }
  Expanded all;
  for (const auto& part : parts) std::ranges::copy(part.axes, std::back_inserter(all.axes));
  for (const auto& chosen : combine(axes, sizes)) {
    Tuple tuple;
    for (std::size_t i = 0; i < parts.size(); ++i)
      std::ranges::copy(parts[i].tuples[chosen[i]], std::back_inserter(tuple));
    all.tuples.push_back(std::move(tuple));
  }
  return all;
}

Cell cell_of(const Sweep& sweep, const Expanded& expanded, const Tuple& tuple) {
  Cell cell{.points = tuple, .assignments = sweep.always};
  for (std::size_t axis = 0; axis < tuple.size(); ++axis) {
    std::ranges::copy(expanded.axes[axis]->points[tuple[axis]].assignments,
                      std::back_inserter(cell.assignments));
  }
  return cell;
}

}  // namespace

std::string Plan::replay(const Sweep& sweep, RunNumber run) const {
  return scenario::replay_command(sweep.scenario, seed_of(run), cells[cell_of(run)].assignments);
}

FileResult<Plan> plan(const Sweep& sweep) {
  const auto expanded = expand(sweep, sweep.axes);
  if (!expanded) return tl::make_unexpected(expanded.error());
  Plan plan{.axes = {}, .cells = {}, .seeds = sweep.seeds};
  for (const auto* const axis : expanded->axes) {
    PlannedAxis planned{.name = axis->name, .labels = {}, .is_drops = axis->is_drops};
    for (const auto& point : axis->points) {
      planned.labels.push_back(point.label);
      if (axis->is_drops) planned.lost.push_back(point.lost);
    }
    plan.axes.push_back(std::move(planned));
  }
  if (expanded->tuples.size() > kMostRuns / sweep.seeds.count()) {
    return refuse(sweep, sweep.axes,
                  fmt::format("{} cells with {} seeds each are more than {} runs",
                              expanded->tuples.size(), sweep.seeds.count(), kMostRuns));
  }
  for (const auto& tuple : expanded->tuples) plan.cells.push_back(cell_of(sweep, *expanded, tuple));
  return plan;
}

}  // namespace rtclab::sweep
