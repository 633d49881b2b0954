// RTCStatsReport as a value: objects with an id, a type and members by their standard names.
//
// Spec: W3C webrtc-pc §8 (statistics model), W3C webrtc-stats (types and members).
#pragma once

#include "agents/base/event.h"

#include <string>
#include <string_view>
#include <vector>

namespace rtclab::peer {

struct StatsMember {
  std::string_view name;  // a literal, as in the standard: "bytesSent"
  Value value;

  friend bool operator==(const StatsMember&, const StatsMember&) = default;
};

struct Stats {
  std::string id;         // the same object has the same id in every report of a connection
  std::string_view type;  // a literal: "candidate-pair"
  double timestamp = 0;   // milliseconds
  std::vector<StatsMember> members;

  [[nodiscard]] const Value* find(std::string_view name) const;
};

struct StatsReport {
  std::vector<Stats> stats;

  // All of one type, in the order of the report.
  [[nodiscard]] std::vector<const Stats*> all(std::string_view type) const;
  [[nodiscard]] const Stats* find(std::string_view id) const;
  // One JSON object: id -> {"id": …, "type": …, "timestamp": …, members}.
  [[nodiscard]] std::string to_json() const;
};

}  // namespace rtclab::peer
