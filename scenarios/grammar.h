// Which elements and attributes a scenario file may have; scenario.xsd says the same to editors,
// and a test holds the two together.
#pragma once

#include "topologies/xml_file.h"

namespace rtclab::scenario {

[[nodiscard]] const xml::Grammar& grammar();

}  // namespace rtclab::scenario
