// What getStats() can have: the types of its objects and their members, by their standard names.
//
// Spec: W3C webrtc-stats §6 (types) and §8 (dictionaries). All that stats_objects.cc,
// media_stats.cc and conductor_stats.cc make stands here, which a test holds against real reports;
// who is asked for a member by name knows from here whether there is such a thing.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace rtclab::peer {

enum class StatsValue : std::uint8_t { Number, Flag, Text };

struct StatsMemberRule {
  std::string_view name;
  StatsValue value;
};

struct StatsTypeRule {
  std::string_view type;
  std::vector<StatsMemberRule> members;

  [[nodiscard]] const StatsMemberRule* find(std::string_view member) const;
};

// By the names of the types.
[[nodiscard]] const std::vector<StatsTypeRule>& stats_types();
// nullptr when no object has this type.
[[nodiscard]] const StatsTypeRule* find_stats_type(std::string_view type);

}  // namespace rtclab::peer
