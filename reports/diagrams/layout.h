// Where everything of a story goes: the axis of time, and labels that keep out of each other's way.
//
// Time is not linear. Going down, each thing that happens moves on by the logarithm of the time
// since the one before, and far enough to leave its text room; a long silence takes a fixed strip
// that says how long it was. So order is exact, slopes are real, and a minute fits beside a
// millisecond.
#pragma once

#include "reports/diagrams/story.h"
#include "reports/diagrams/svg.h"

#include <map>
#include <string>
#include <vector>

namespace rtclab::diagrams {

struct PlacedArrow {
  std::vector<Point> path;  // from the sender to its head or cross
  double last_y = 0;        // of the last one that it stands for
  Point label_at;
  double label_angle = 0;        // degrees
  bool label_ends_here = false;  // text-anchor end: the arrow goes left
  std::string label;
};

struct PlacedReason {
  Point at;
  bool ends_here = false;
  std::vector<std::string> lines;
};

struct PlacedBadge {
  Point corner;
  double width = 0;
  double lifeline_y = 0;  // where on the lifeline it belongs
  double edge_x = 0;      // its side that faces the lifeline
};

struct Tick {
  double y;
  std::string text;
};

struct Silence {
  double y;
  double height;
  std::string text;
};

struct Layout {
  double width = 0;
  double height = 0;
  double top = 0;     // where the lifelines begin
  double bottom = 0;  // and end
  std::vector<double> lifeline_x;
  std::vector<PlacedArrow> arrows;              // parallel to the story's
  std::map<std::size_t, PlacedReason> reasons;  // by arrow
  std::vector<PlacedBadge> badges;              // parallel to the story's
  std::vector<Tick> ticks;
  std::vector<Silence> silences;
};

inline constexpr double kBadgeHeight = 16;

[[nodiscard]] Layout lay_out(const Story& story);

}  // namespace rtclab::diagrams
