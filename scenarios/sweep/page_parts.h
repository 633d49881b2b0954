// The pieces of sweep.html. Private to this folder.
#pragma once

#include "scenarios/sweep/page.h"

#include <string>
#include <string_view>

namespace rtclab::sweep {

// What can be clicked: a place in a table that stands for some runs.
struct CellCard {
  std::string id;
  std::string back;   // where its close button leads
  std::string title;  // "home-a symmetric, home-b full-cone"
  RowRefs rows;
};
[[nodiscard]] std::string card(const Page& page, const CellCard& cell);

[[nodiscard]] std::string view_section(const Page& page, std::size_t view);
[[nodiscard]] std::string view_title(const View& view);

// On top of the style sheet of all pages.
[[nodiscard]] std::string_view sweep_style();

}  // namespace rtclab::sweep
