#include "scenarios/expectations.h"

#include "agents/base/address.h"

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
  const Records& records;
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
    const auto local = Endpoint::parse(pair.local);
    const auto family = local ? to_string(local->ip.family()) : std::string_view{};
    outcome.met = admits(e.local, pair.local_type) && admits(e.remote, pair.remote_type) &&
                  (e.protocol.empty() || e.protocol == pair.protocol) &&
                  (e.family.empty() || e.family == family);
    outcome.seen = fmt::format("{} / {}", pair.local_type, pair.remote_type);
    if (!e.protocol.empty()) outcome.seen += " over " + pair.protocol;
    if (!e.family.empty()) outcome.seen += fmt::format(" of {}", family);
  }
  void operator()(const ExpectEvent& e) { count(e.times, chronicles.at(e.peer).events(e.type)); }
  void operator()(const ExpectRecord& e) { count(e.times, records.times(e.by, e.event)); }
  void count(const Times& expected, unsigned times) {
    outcome.met = expected.admits(times);
    outcome.seen = fmt::format("{} time{}", times, times == 1 ? "" : "s");
  }
  void operator()(const ExpectTransceiver& e) {
    const auto* direction = chronicles.at(e.peer).find_transceiver(e.transceiver);
    outcome.met = direction != nullptr && *direction == e.current_direction;
    outcome.seen = direction != nullptr
                       ? *direction
                       : fmt::format("there is no transceiver \"{}\"", e.transceiver);
  }
  void operator()(const ExpectStatistic& e) {
    if (e.is) return look_for_text(e);
    const auto sum =
        chronicles.at(e.peer).statistic(e.type, {{"kind", e.kind}, {"rid", e.rid}}, e.member);
    outcome.met = sum && (!e.at_least || *sum >= *e.at_least) && (!e.at_most || *sum <= *e.at_most);
    outcome.seen = sum ? fmt::format("{}", *sum) : fmt::format("no {} has {}", e.type, e.member);
  }
  void look_for_text(const ExpectStatistic& e) {
    const auto texts =
        chronicles.at(e.peer).texts(e.type, {{"kind", e.kind}, {"rid", e.rid}}, e.member);
    outcome.met = texts.contains(*e.is);
    outcome.seen = texts.empty() ? fmt::format("no {} has {}", e.type, e.member)
                                 : fmt::format("\"{}\"", fmt::join(texts, "\", \""));
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

void Records::count(std::string_view by, std::string_view event) {
  auto of = counts_.find(by);
  if (of == counts_.end()) of = counts_.try_emplace(std::string{by}).first;
  auto number = of->second.find(event);
  if (number == of->second.end()) number = of->second.try_emplace(std::string{event}, 0).first;
  ++number->second;
}

unsigned Records::times(std::string_view by, std::string_view event) const {
  const auto of = counts_.find(by);
  if (of == counts_.end()) return 0;
  const auto number = of->second.find(event);
  return number == of->second.end() ? 0 : number->second;
}

std::vector<ExpectationOutcome> judge(const Scenario& scenario, const Chronicles& chronicles,
                                      const Records& records) {
  std::vector<ExpectationOutcome> outcomes;
  for (const auto& expected : scenario.expectations) {
    Judge judge{chronicles,
                records,
                {.expected = to_string(expected.expectation), .seen = {}, .line = expected.line}};
    std::visit(judge, expected.expectation);
    outcomes.push_back(std::move(judge.outcome));
  }
  return outcomes;
}

}  // namespace rtclab::scenario
