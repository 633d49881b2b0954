#include "reports/diagrams/generations.h"

#include "agents/sdp/session_description.h"

#include <set>

namespace rtclab::diagrams {

Group Generations::begin(const std::string& ufrag, std::size_t stream) {
  const auto [known, is_new] = groups_.try_emplace(ufrag, Group{stream, generations_[stream]});
  if (is_new) ++generations_[stream];
  return known->second;
}

void Generations::read_description(const std::string& sdp) {
  const auto description = sdp::SessionDescription::parse_structure(sdp).description;
  std::set<std::string> seen;
  std::size_t streams = 0;
  std::optional<Group> first;
  for (std::size_t i = 0; i < description.sections.size(); ++i) {
    const auto ice = description.section(i).ice_credentials();
    if (!ice || !seen.insert(ice->ufrag).second) continue;
    const auto group = begin(ice->ufrag, streams++);
    if (!first) first = group;
  }
  if (first) latest_ = *first;
}

Group Generations::of(const std::string& ufrag) {
  if (const auto known = groups_.find(ufrag); known != groups_.end()) return known->second;
  return latest_ = begin(ufrag, 0);
}

}  // namespace rtclab::diagrams
