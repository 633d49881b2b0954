#include "agents/base/event_names.h"
#include "agents/base/text.h"
#include "agents/peer/stats_members.h"
#include "scenarios/sweep/reading.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::sweep::reading {
namespace {

using scenario::reading::is_one_of;
using scenario::reading::read_peer_name;
using xml::Element;

const std::vector<std::string> kCandidateTypes{"host", "srflx", "prflx", "relay"};

std::vector<std::string> candidate_types(const Element& element, std::string_view attribute) {
  std::vector<std::string> types;
  if (!element.has(attribute)) return types;
  const auto text = element.text(attribute);
  for (const auto word : split(text, ' ')) {
    if (word.empty()) continue;
    types.emplace_back(word);
    if (!is_one_of(types.back(), kCandidateTypes)) {
      element.complain_value(attribute,
                             fmt::format("one or more of {}", fmt::join(kCandidateTypes, ", ")));
    }
  }
  return types;
}

Collector::What read_time(const Element& element, const About& about) {
  return CollectTime{scenario::reading::read_condition(element, about.names, about.loaded),
                     element.duration("since", Duration{0})};
}

// The text among those that the scenario has, or the nearest of them.
std::string read_known(const Element& element, std::string_view attribute, std::string_view what,
                       const std::vector<std::string>& known) {
  auto text = element.text(attribute);
  if (!is_one_of(text, known)) element.complain_unknown(attribute, what, known);
  return text;
}

Collector::What read_expectation(const Element& element, const About& about) {
  std::vector<std::string> known;
  for (const auto& expected : about.loaded.scenario.expectations)
    known.push_back(to_string(expected.expectation));
  return CollectExpectation{read_known(element, "text", "expectation", known)};
}

Collector::What read_recorded(const Element& element, const About& about) {
  auto parties = scenario::reading::names_of(about.loaded.scenario.peers);
  for (const auto& machine : about.loaded.topology.machine_names()) parties.push_back(machine);
  return CollectRecorded{read_known(element, "by", "peer or machine", parties),
                         read_known(element, "event", "event of the trace", event_names())};
}

Collector::What read_statistic(const Element& element, const About& about) {
  CollectStatistic statistic{.peer = read_peer_name(element, "peer", about.loaded),
                             .type = element.text("type"),
                             .kind = element.text("kind", ""),
                             .rid = element.text("rid", ""),
                             .member = element.text("member")};
  const auto* const type = peer::find_stats_type(statistic.type);
  if (type == nullptr) {
    std::vector<std::string> types;
    for (const auto& each : peer::stats_types()) types.emplace_back(each.type);
    element.complain_unknown("type", "type of statistics", types);
    return statistic;
  }
  const auto* const member = type->find(statistic.member);
  if (member == nullptr) {
    std::vector<std::string> members;
    for (const auto& each : type->members) members.emplace_back(each.name);
    element.complain_unknown("member", "member of " + statistic.type, members);
  } else if (member->value == peer::StatsValue::Text) {
    element.complain("member", statistic.member + " is a text, expected a number");
  }
  return statistic;
}

Collector::What read_step(const Element& element, const About& about) {
  std::vector<std::string> known;
  for (const auto& step : about.loaded.scenario.steps) known.push_back(to_string(step.action));
  return CollectStep{read_known(element, "what", "step", known),
                     element.duration("since", Duration{0})};
}

Collector::What read_what(const Element& element, const About& about) {
  const auto name = element.name();
  if (name == "time") return read_time(element, about);
  if (name == "expectation") return read_expectation(element, about);
  if (name == "recorded") return read_recorded(element, about);
  if (name == "event")
    return CollectEvent{read_peer_name(element, "peer", about.loaded),
                        scenario::reading::read_event_type(element, "type")};
  if (name == "statistic") return read_statistic(element, about);
  if (name == "step") return read_step(element, about);
  if (name == "simulatorEvents") return CollectSimulatorEvents{};
  return CollectSelectedPair{.peer = read_peer_name(element, "peer", about.loaded),
                             .local = candidate_types(element, "local"),
                             .remote = candidate_types(element, "remote")};
}

}  // namespace

std::vector<Collector> read_collectors(const Element& collect, const About& about,
                                       ColumnNames& columns) {
  std::vector<Collector> collectors;
  for (const auto& element : collect.children())
    collectors.push_back({columns.read(element), read_what(element, about)});
  return collectors;
}

}  // namespace rtclab::sweep::reading
