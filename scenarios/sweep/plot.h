// Curves, drawn by gnuplot: from values to a script, and from the script to an SVG picture for a
// page.
//
// The same script gives the same octets. The picture has no colours of its own: it names the custom
// properties of its page (--ink, --line, --curve-1 …), so that it is light or dark as the page is.
#pragma once

#include "agents/base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace rtclab::sweep {

struct CurvePoint {
  double x = 0;
  double y = 0;
  double low = 0;  // of Points: the interval
  double high = 0;
};

struct Curve {
  std::string name;
  std::vector<CurvePoint> points;
};

struct Chart {
  enum class Form {
    Points,  // each with its interval, joined by a line
    Steps,   // what holds until the next point
    Lines,
  };
  Form form = Form::Points;
  std::string x_label;
  std::string y_label;
  std::vector<std::string> x_names{};  // of 0, 1, 2, … where x is no number
  bool is_of_kinds = false;            // x_names are kinds of things: nothing is between them
  bool logarithmic = false;            // x
  bool is_share = false;               // y is one: from 0 to 1, shown as a percentage
  std::vector<Curve> curves{};
};

constexpr std::size_t kMostCurves = 8;

[[nodiscard]] std::string gnuplot_script(const Chart& chart);

// Runs gnuplot on a script, which stays as NAME.gp in `folder` beside the picture, NAME.svg.
// Returns the picture as it may stand inside HTML.
[[nodiscard]] FileResult<std::string> draw(const std::filesystem::path& folder,
                                           const std::string& name, const std::string& script);

}  // namespace rtclab::sweep
