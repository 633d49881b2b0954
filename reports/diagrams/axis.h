// The vertical axis: which y each moment of a story gets.
#pragma once

#include "reports/diagrams/layout.h"
#include "reports/diagrams/story.h"

#include <vector>

namespace rtclab::diagrams {

struct Axis {
  std::vector<std::vector<double>> stops;  // by arrow, by stop
  std::vector<double> deaths;              // by arrow; only of those that died
  std::vector<double> lasts;               // by arrow: when the last of a fold was sent
  std::vector<double> badges;
  std::vector<Tick> ticks;
  std::vector<Silence> silences;
  double bottom = 0;
};

[[nodiscard]] Axis make_axis(const Story& story, double top);

}  // namespace rtclab::diagrams
