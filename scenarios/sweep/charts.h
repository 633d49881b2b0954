// The curves of a sweep's report: from a view and the table to what gnuplot draws.
#pragma once

#include "scenarios/sweep/plot.h"
#include "scenarios/sweep/table.h"

#include <optional>

namespace rtclab::sweep {

// nullopt for views that are tables, and where nothing was found that could be drawn.
[[nodiscard]] std::optional<Chart> chart_of(const View& view, const Table& table);

}  // namespace rtclab::sweep
