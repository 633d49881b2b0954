#include "scenarios/expectations.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::scenario {
namespace {

std::string seconds(Instant at) {
  return fmt::format("{:.3f} s", std::chrono::duration<double>(at.time_since_epoch()).count());
}

bool admits(const std::vector<std::string>& types, const std::string& type) {
  return types.empty() || std::ranges::find(types, type) != types.end();
}

// Fills in `met` and `seen`.
struct Judge {
  const Chronicles& chronicles;
  ExpectationOutcome outcome;

  void operator()(const ExpectState& e) {
    const auto& chronicle = std::visit(
        [&](const auto& c) -> auto& { return chronicles.at(c.peer); }, e.condition);
    const auto reached = chronicle.reached(e.condition);
    if (e.by) {
      outcome.met = reached && reached->time_since_epoch() <= *e.by;
      outcome.seen = reached ? "reached at " + seconds(*reached) : chronicle.seen(e.condition);
    } else {
      outcome.met = chronicle.holds(e.condition);
      outcome.seen =
          outcome.met && reached ? "since " + seconds(*reached) : chronicle.seen(e.condition);
    }
  }
  void operator()(const ExpectSelectedPair& e) {
    const auto& pairs = chronicles.at(e.peer).selected_pairs();
    if (pairs.empty()) {
      outcome.seen = "no pair was selected";
      return;
    }
    const auto& pair = pairs.back();
    outcome.met = admits(e.local, pair.local_type) && admits(e.remote, pair.remote_type);
    outcome.seen = fmt::format("{} / {}", pair.local_type, pair.remote_type);
  }
  void operator()(const ExpectMessage& e) {
    const auto* channel = chronicles.at(e.peer).find_channel(e.channel);
    if (channel == nullptr) {
      outcome.seen = fmt::format("there is no channel \"{}\"", e.channel);
      return;
    }
    const auto found = std::ranges::find(channel->received, e.text);
    outcome.met = found != channel->received.end();
    outcome.seen = outcome.met
                       ? "at " + seconds(channel->received_at[static_cast<std::size_t>(
                                     found - channel->received.begin())])
                       : fmt::format("{} other message(s) arrived", channel->received.size());
  }
};

}  // namespace

std::vector<ExpectationOutcome> judge(const Scenario& scenario, const Chronicles& chronicles) {
  std::vector<ExpectationOutcome> outcomes;
  for (const auto& expected : scenario.expectations) {
    Judge judge{chronicles,
                {.expected = to_string(expected.expectation), .seen = {}, .line = expected.line}};
    std::visit(judge, expected.expectation);
    outcomes.push_back(std::move(judge.outcome));
  }
  return outcomes;
}

}  // namespace rtclab::scenario
