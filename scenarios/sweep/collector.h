// What is kept of each run beside how it came out: times, counters, statistics, expectations.
#pragma once

#include "agents/base/time.h"
#include "scenarios/condition.h"
#include "scenarios/runner.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rtclab::sweep {

// One figure of one run. Nothing: it never came to that.
using Figure = std::variant<std::monostate, bool, double, std::string>;

// When the condition first was so, in milliseconds after `since`.
struct CollectTime {
  scenario::Condition condition;
  Duration since{0};
};
// Whether the scenario's expectation of this text was met.
struct CollectExpectation {
  std::string text;
};
// How often an agent reported that, by the name in the trace.
struct CollectRecorded {
  std::string by;
  std::string event;
};
// How often an event of RTCPeerConnection fired.
struct CollectEvent {
  std::string peer;
  std::string type;
};
// The sum of a member of getStats() at the end, over all objects of that type, kind and rid.
struct CollectStatistic {
  std::string peer;
  std::string type;
  std::string kind{};
  std::string rid{};
  std::string member;
};
// The types of the pair in use at the end: "srflx/prflx". With types given: whether it is such a
// one.
struct CollectSelectedPair {
  std::string peer;
  std::vector<std::string> local{};
  std::vector<std::string> remote{};

  [[nodiscard]] bool asks() const { return !local.empty() || !remote.empty(); }
};
// When the first step of this text ended, in milliseconds after `since`.
struct CollectStep {
  std::string what;
  Duration since{0};
};
struct CollectSimulatorEvents {};

struct Collector {
  using What =
      std::variant<CollectTime, CollectExpectation, CollectRecorded, CollectEvent, CollectStatistic,
                   CollectSelectedPair, CollectStep, CollectSimulatorEvents>;
  std::string name;
  What what;
};

enum class FigureKind { Truth, Number, Text };
[[nodiscard]] FigureKind kind_of(const Collector& collector);
// " ms" or nothing: what stands behind its numbers.
[[nodiscard]] std::string_view unit_of(const Collector& collector);

[[nodiscard]] Figure collect(const Collector& collector, const scenario::RunResult& result);

}  // namespace rtclab::sweep
