// What the readers of a sweep's parts have in common. Private to this folder.
#pragma once

#include "scenarios/loader.h"
#include "scenarios/reading.h"
#include "scenarios/sweep/sweep.h"

#include <set>
#include <string>

namespace rtclab::sweep::reading {

// The scenario that the sweep is about, as it stands in its file, and the names its steps give.
struct About {
  const scenario::Loaded& loaded;
  scenario::reading::Names names;
};

// Names of axes and figures become columns of one table.
class ColumnNames {
 public:
  [[nodiscard]] std::string read(const xml::Element& element);

 private:
  std::set<std::string> taken_{"run", "seed", "outcome", "detail"};  // in lower case, as SQL has it
};

// Each complains where something is wrong and fills in something harmless.
[[nodiscard]] Axes read_axes(const xml::Element& element, const About& about, ColumnNames& columns);
[[nodiscard]] std::vector<scenario::Assignment> read_assignments(const xml::Element& element);
[[nodiscard]] std::vector<Collector> read_collectors(const xml::Element& collect,
                                                     const About& about, ColumnNames& columns);
[[nodiscard]] std::vector<View> read_views(const xml::Element& report, const Sweep& sweep);

}  // namespace rtclab::sweep::reading
