#include "scenarios/sweep/collector.h"

#include <algorithm>
#include <chrono>

namespace rtclab::sweep {
namespace {

using scenario::RunResult;

// After `since`: what came before never came.
Figure milliseconds(Instant at, Duration since) {
  const auto after = at.time_since_epoch() - since;
  if (after < Duration{0}) return {};
  return std::chrono::duration<double, std::milli>(after).count();
}

bool admits(const std::vector<std::string>& types, const std::string& type) {
  return types.empty() || std::ranges::find(types, type) != types.end();
}

struct Collect {
  const RunResult& result;

  [[nodiscard]] const scenario::Chronicle& of(const std::string& peer) const {
    return result.chronicles.at(peer);
  }
  Figure operator()(const CollectTime& c) const {
    const auto& peer = std::visit(
        [](const auto& condition) -> auto& { return condition.peer; }, c.condition);
    const auto reached = of(peer).reached(c.condition);
    if (!reached) return {};
    return milliseconds(*reached, c.since);
  }
  Figure operator()(const CollectExpectation& c) const {
    const auto found =
        std::ranges::find(result.expectations, c.text, &scenario::ExpectationOutcome::expected);
    if (found == result.expectations.end()) return {};
    return found->met;
  }
  Figure operator()(const CollectRecorded& c) const {
    return static_cast<double>(result.records.times(c.by, c.event));
  }
  Figure operator()(const CollectEvent& c) const {
    return static_cast<double>(of(c.peer).events(c.type));
  }
  Figure operator()(const CollectStatistic& c) const {
    const auto sum = of(c.peer).statistic(c.type, {{"kind", c.kind}, {"rid", c.rid}}, c.member);
    if (!sum) return {};
    return *sum;
  }
  Figure operator()(const CollectSelectedPair& c) const {
    const auto& pairs = of(c.peer).selected_pairs();
    if (pairs.empty()) return {};
    const auto& pair = pairs.back();
    if (c.asks()) return admits(c.local, pair.local_type) && admits(c.remote, pair.remote_type);
    return pair.local_type + "/" + pair.remote_type;
  }
  Figure operator()(const CollectStep& c) const {
    const auto found = std::ranges::find(result.steps, c.what, &scenario::StepOutcome::what);
    if (found == result.steps.end() || found->state != scenario::StepOutcome::State::Done)
      return {};
    return milliseconds(found->ended, c.since);
  }
  Figure operator()(const CollectSimulatorEvents& /*c*/) const {
    return static_cast<double>(result.simulator_events);
  }
};

}  // namespace

FigureKind kind_of(const Collector& collector) {
  if (const auto* const pair = std::get_if<CollectSelectedPair>(&collector.what))
    return pair->asks() ? FigureKind::Truth : FigureKind::Text;
  return std::holds_alternative<CollectExpectation>(collector.what) ? FigureKind::Truth
                                                                    : FigureKind::Number;
}

std::string_view unit_of(const Collector& collector) {
  const bool is_time = std::holds_alternative<CollectTime>(collector.what) ||
                       std::holds_alternative<CollectStep>(collector.what);
  return is_time ? " ms" : "";
}

Figure collect(const Collector& collector, const RunResult& result) {
  return std::visit(Collect{result}, collector.what);
}

}  // namespace rtclab::sweep
