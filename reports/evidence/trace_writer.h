// Writes trace.jsonl: what the agents of a run reported, one event a line.
//
// The form follows qlog (draft-ietf-quic-qlog-main-schema) as JSON lines: a first line with the
// common fields and the vantage points, one per machine, then an event a line. Times are
// milliseconds of virtual time with six decimals, so that a nanosecond is never rounded away.
#pragma once

#include "agents/base/event.h"
#include "agents/base/time.h"

#include <chrono>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::evidence {

struct VantagePoint {
  std::string name;  // as the events call it: a peer's name, else the machine's
  std::string
      type;  // "peer", "nat", "stun-server", "turn-server", "signalling-server", "router", "lan"
  std::string machine;
  std::vector<std::pair<std::string, std::string>> interfaces;  // name, address
};

struct TraceHeader {
  std::string title;
  std::string description;
  std::vector<VantagePoint> vantage_points;
  // What Instant{} stands for: 2026-01-01T00:00:00Z in every simulation.
  std::chrono::seconds epoch{1'767'225'600};
};

class TraceWriter {
 public:
  // `out` outlives this object and has the usual locale.
  TraceWriter(std::ostream& out, const TraceHeader& header);

  void write(Instant at, std::string_view vantage, const Event& event);

 private:
  std::ostream& out_;
  std::string line_;  // kept for its memory
};

}  // namespace rtclab::evidence
