// The axes of a sweep: what is varied, over which points, and how several are combined.
#pragma once

#include "agents/base/time.h"
#include "scenarios/assignment.h"
#include "scenarios/condition.h"
#include "topologies/link_quality.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace rtclab::sweep {

// One place on an axis: what a table calls it, and what it changes in the scenario.
struct Point {
  std::string label;
  std::vector<scenario::Assignment> assignments{};
  std::vector<std::size_t> lost{};  // of an axis that was a DropAxis: which datagrams, from 0
  friend bool operator==(const Point&, const Point&) = default;
};

struct Axis {
  std::string name;
  std::vector<Point> points;  // at least one
  std::size_t line = 0;
  std::size_t column = 0;
  bool is_drops = false;  // it was a DropAxis
};

// Every datagram that anybody sends until `until` is so in a run that loses nothing: each is lost
// in turn, then each pair of them, up to `at_once`. Becomes an Axis when that run has been played
// (faults.h); its first point loses nothing.
struct DropAxis {
  std::string name;
  topology::Drop::What what = topology::Drop::What::Datagram;
  unsigned at_once = 1;  // 1 or 2
  scenario::Condition until{};
  std::size_t line = 0;
};

enum class Combination {
  Product,  // every point with every point; the last axis runs fastest
  Zip,      // the first with the first, the second with the second, …
  Pairs,    // so few that every two points of two axes meet once at least
  Sample,   // so many of the product, drawn
};

// A tree: what is combined may itself be a combination.
struct Axes {
  using Part = std::variant<Axis, DropAxis, Axes>;
  Combination combination = Combination::Product;
  std::size_t sample = 0;  // of Sample: how many
  std::uint64_t sample_seed = 1;
  std::vector<Part> parts{};
  std::size_t line = 0;
};

}  // namespace rtclab::sweep
