// The part of the grammar of scenarios that stands inside <expect>. Private to this folder.
#pragma once

#include "topologies/xml_file.h"

#include <vector>

namespace rtclab::scenario {

// <expect> itself, its children and theirs.
[[nodiscard]] std::vector<xml::ElementRule> expectation_rules();

}  // namespace rtclab::scenario
