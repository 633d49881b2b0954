// sweep.html: what a sweep found, on one self-contained page. Every cell leads to the commands that
// replay its runs. No script is needed to read it and nothing is loaded from elsewhere.
#pragma once

#include "scenarios/sweep/table.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::sweep {

struct Page {
  const Table& table;
  const std::vector<View>& views;
  std::vector<std::string> pictures;  // of each view, as plot.h draws them; empty: it has none
  std::string command;                // that makes all this again
  // Of runs whose evidence stands beside the page: where. "runs/7/report.html"
  std::map<RunNumber, std::string> evidence{};
};
[[nodiscard]] std::string sweep_html(const Page& page);

// "412", "1 410", "0.25": short enough for a cell.
[[nodiscard]] std::string number_text(double number);
// The same with its unit: "412 ms", "13.0 s".
[[nodiscard]] std::string figure_text(double number, std::string_view unit);
// "97.3 %", and "100 %" only of all.
[[nodiscard]] std::string share_text(const Share& share);

}  // namespace rtclab::sweep
