#include "agents/peer/stats.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rtclab::peer {

const Value* Stats::find(std::string_view name) const {
  const auto found = std::ranges::find(members, name, &StatsMember::name);
  return found == members.end() ? nullptr : &found->value;
}

std::vector<const Stats*> StatsReport::all(std::string_view type) const {
  std::vector<const Stats*> found;
  for (const auto& each : stats) {
    if (each.type == type) found.push_back(&each);
  }
  return found;
}

const Stats* StatsReport::find(std::string_view id) const {
  const auto found = std::ranges::find(stats, id, &Stats::id);
  return found == stats.end() ? nullptr : &*found;
}

std::string StatsReport::to_json() const {
  auto report = nlohmann::ordered_json::object();
  for (const auto& each : stats) {
    auto& object = report[each.id];
    object["id"] = each.id;
    object["type"] = each.type;
    object["timestamp"] = each.timestamp;
    for (const auto& member : each.members) {
      std::visit([&](const auto& value) { object[std::string{member.name}] = value; },
                 member.value);
    }
  }
  // What a peer put into a label need not be UTF-8.
  return report.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace rtclab::peer
