// What a link's attributes and children say: read over what holds without them.
//
// Scenario files change a link during the run with the same attributes, so they stand here once.
#pragma once

#include "topologies/link_quality.h"
#include "topologies/xml_file.h"

#include <filesystem>
#include <string_view>
#include <vector>

namespace rtclab::topology {

// The attributes and children that read_link_quality() reads, for grammars.
[[nodiscard]] const std::vector<std::string_view>& link_attributes();
[[nodiscard]] const std::vector<std::string_view>& link_children();
// The rules of these children.
[[nodiscard]] const std::vector<xml::ElementRule>& link_child_rules();

// Bad values are complained of at the element, and leave a harmless value. Files that the element
// names are looked for beside `file`.
[[nodiscard]] LinkQuality read_link_quality(const xml::Element& element, LinkQuality usual,
                                            const std::filesystem::path& file);

}  // namespace rtclab::topology
