// The whole report: as a page to read, and for programs.
#pragma once

#include "scenarios/validate/section.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace rtclab::validate {

struct Report {
  std::string command;  // that makes it again
  std::vector<Section> sections;

  [[nodiscard]] bool agrees() const;
};

// docs/validation.md: Markdown of GitHub.
[[nodiscard]] std::string to_markdown(const Report& report);
// {"agrees":true,"sections":[{"name":…,"title":…,"source":…,"checks":[{"what":…,"expected":…,
// "measured":…,"within":…,"agrees":true}],"tables":[…]}]}
[[nodiscard]] nlohmann::ordered_json to_json(const Report& report);

}  // namespace rtclab::validate
