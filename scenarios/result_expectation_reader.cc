// Readers of <description> and <statistic>.
#include "agents/peer/stats_members.h"
#include "scenarios/expectation_reading.h"
#include "scenarios/pattern.h"

#include <fmt/format.h>

namespace rtclab::scenario::reading {
namespace {

using xml::Element;

// W3C webrtc-pc §4.4.2.
const std::vector<std::string> kDescriptions{
    "localDescription",  "currentLocalDescription",  "pendingLocalDescription",
    "remoteDescription", "currentRemoteDescription", "pendingRemoteDescription"};

std::optional<std::string> read_text(const Element& element, std::string_view attribute) {
  if (!element.has(attribute)) return std::nullopt;
  auto text = element.text(attribute);
  if (text.empty()) element.complain_value(attribute, "some text");
  return text;
}

void check_expression(const Element& element, const std::string& expression) {
  if (const auto flaw = pattern_flaw(expression)) {
    element.complain("matches",
                     fmt::format("{} is no regular expression: {}", expression, *flaw));
  }
}

template <class Rule>
std::vector<std::string> names_in(const std::vector<Rule>& rules, std::string_view Rule::*name) {
  std::vector<std::string> names;
  for (const auto& rule : rules) names.emplace_back(rule.*name);
  return names;
}

// What is said of the member has to fit what it is: a number has bounds, a text is this or that.
void check_comparison(const Element& element, const ExpectStatistic& statistic,
                      peer::StatsValue value) {
  const bool has_bounds = statistic.at_least || statistic.at_most;
  if (value == peer::StatsValue::Text) {
    if (has_bounds || !statistic.is)
      element.complain("member", fmt::format("{} is a text: expected is=\"…\"", statistic.member));
  } else if (statistic.is || !has_bounds) {
    element.complain("member",
                     fmt::format("{} is a number: expected atLeast=\"…\", atMost=\"…\" or both",
                                 statistic.member));
  }
}

void check_statistic(const Element& element, const ExpectStatistic& statistic) {
  const auto* const type = peer::find_stats_type(statistic.type);
  if (type == nullptr) {
    element.complain_unknown("type", "type of statistics",
                             names_in(peer::stats_types(), &peer::StatsTypeRule::type));
    return;
  }
  for (const auto attribute : {"kind", "rid"}) {
    if (element.has(attribute) && type->find(attribute) == nullptr)
      element.complain(attribute, fmt::format("statistics of the type {} have no {}",
                                              statistic.type, attribute));
  }
  const auto* const member = type->find(statistic.member);
  if (member == nullptr) {
    element.complain_unknown("member", "member of " + statistic.type,
                             names_in(type->members, &peer::StatsMemberRule::name));
    return;
  }
  check_comparison(element, statistic, member->value);
}

}  // namespace

Expectation read_description(const Element& element, const Names& names, const Loaded& loaded) {
  ExpectDescription description{
      .peer = read_peer_name(element, "peer", loaded),
      .attribute = read_word(element, "attribute", kDescriptions),
      .type = read_word(element, "type", {"offer", "pranswer", "answer", "null"}),
      .contains = read_text(element, "contains"),
      .lacks = read_text(element, "lacks"),
      .matches = read_text(element, "matches"),
      .at = read_after(element, names, loaded)};
  if (element.has("at")) {
    if (description.at) element.complain("at", "after says it already");
    description.at = Moment{AtTime{read_time_of_run(element, "at", loaded)}};
  }
  if (description.matches) check_expression(element, *description.matches);
  const bool has_lines = description.contains || description.lacks || description.matches;
  if (description.type == "null" && has_lines)
    element.complain("type", "null has no lines: contains, lacks and matches do not fit it");
  if (description.contains && description.contains == description.lacks)
    element.complain("lacks", "contains says the contrary");
  if (description.type.empty() && !has_lines)
    element.complain("expected what it has to be: type, contains, lacks or matches");
  return description;
}

Expectation read_statistic(const Element& element, const Names& /*names*/, const Loaded& loaded) {
  ExpectStatistic statistic{.peer = read_peer_name(element, "peer", loaded),
                            .type = element.text("type"),
                            .member = element.text("member")};
  statistic.kind = read_word(element, "kind", {"audio", "video"});
  if (element.has("rid")) statistic.rid = element.text("rid");
  if (element.has("atLeast")) statistic.at_least = element.decimal("atLeast");
  if (element.has("atMost")) statistic.at_most = element.decimal("atMost");
  if (element.has("is")) statistic.is = element.text("is");
  check_statistic(element, statistic);
  if (statistic.at_least && statistic.at_most && *statistic.at_least > *statistic.at_most)
    refuse_range(element);
  return statistic;
}

}  // namespace rtclab::scenario::reading
