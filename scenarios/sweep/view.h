// What a sweep's report shows, as plain values. Axes and figures go by their names.
#pragma once

#include <string>
#include <variant>

namespace rtclab::sweep {

// What stands for all runs of a cell.
enum class Statistic { Mean, Median, P95, Greatest };

// A square for every pair of points of two axes; over all other axes the runs are counted together.
// Of a truth, or of nothing (the run's outcome): the share. Of a number: the statistic.
struct HeatMap {
  std::string rows;
  std::string columns;
  std::string of{};  // empty: as expected or not
  Statistic statistic = Statistic::Median;
};
// The share at each point of an axis, with its interval; a curve for each point of `series`.
struct Rates {
  std::string by;
  std::string of{};
  std::string series{};
};
// How a number is spread: for each point of an axis the share of all runs that had come so far.
struct Distribution {
  std::string of;
  std::string by{};  // empty: all runs in one
};
// What each loss of a <drops> axis did to a number, beside the run that loses nothing.
struct Faults {
  std::string axis;
  std::string of;
};
using View = std::variant<HeatMap, Rates, Distribution, Faults>;

}  // namespace rtclab::sweep
