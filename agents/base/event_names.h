// The names of all events that a trace can have.
//
// Each is declared where its event is made; here they stand together, so that a file which speaks
// of an event that nobody reports can be told so. A test compares the two.
#pragma once

#include <string>
#include <vector>

namespace rtclab {

// In alphabetical order.
[[nodiscard]] const std::vector<std::string>& event_names();

}  // namespace rtclab
