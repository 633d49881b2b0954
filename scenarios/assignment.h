// What a run changes in the files of a scenario before they are read: the value of one of its
// parameters, or any attribute of it or of its topology.
//
//   loss=30%                                              a <parameter> of the scenario
//   scenario//peer[@name='alice']/@tcpCandidates=active   XPath behind the word "scenario"
//   topology//nat[@name='home-a']/@preset=symmetric       an attribute that is not there is added
#pragma once

#include "agents/base/result.h"
#include "topologies/xml_file.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rtclab::scenario {

struct Assignment {
  std::string what;
  std::string value;
  friend bool operator==(const Assignment&, const Assignment&) = default;
};

// "what=value". The complaint's file is "--set " and the text.
[[nodiscard]] FileResult<Assignment> parse_assignment(std::string_view text);
// The same as one writes it.
[[nodiscard]] std::string to_string(const Assignment& assignment);

// For a shell: in quotation marks where it would read anything into the word.
[[nodiscard]] std::string in_shell(const std::string& word);
// "rtclab run first-call --seed 3 --set loss=5%": what gives the same bytes again.
[[nodiscard]] std::string replay_command(const std::string& scenario, std::uint64_t seed,
                                         std::span<const Assignment> assignments);

// Those that concern the scenario's file, and those that concern its topology's.
struct Variations {
  xml::Variation scenario;
  xml::Variation topology;
};
[[nodiscard]] Variations sorted(std::span<const Assignment> assignments);

}  // namespace rtclab::scenario
