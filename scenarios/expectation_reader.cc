#include "agents/base/event_names.h"
#include "agents/base/text.h"
#include "agents/peer/stats_members.h"
#include "scenarios/reading.h"

#include <fmt/format.h>

#include <array>

namespace rtclab::scenario::reading {
namespace {

using xml::Choice;
using xml::Element;

const std::vector<std::string> kCandidateTypes{"host", "srflx", "prflx", "relay"};

// The events of RTCPeerConnection, W3C webrtc-pc §4.4, and those of its receivers' tracks, §5.3.
const std::vector<std::string> kEventTypes{"connectionstatechange",
                                           "datachannel",
                                           "ended",
                                           "icecandidate",
                                           "icecandidateerror",
                                           "iceconnectionstatechange",
                                           "icegatheringstatechange",
                                           "mute",
                                           "negotiationneeded",
                                           "signalingstatechange",
                                           "track",
                                           "unmute"};

constexpr std::array kProtocols{Choice<std::string_view>{"udp", "udp"},
                                Choice<std::string_view>{"tcp", "tcp"}};
constexpr std::array kFamilies{Choice<std::string_view>{"IPv4", "IPv4"},
                               Choice<std::string_view>{"IPv6", "IPv6"}};
constexpr std::array kDirections{Choice<std::string_view>{"sendrecv", "sendrecv"},
                                 Choice<std::string_view>{"sendonly", "sendonly"},
                                 Choice<std::string_view>{"recvonly", "recvonly"},
                                 Choice<std::string_view>{"inactive", "inactive"},
                                 Choice<std::string_view>{"stopped", "stopped"}};

std::vector<std::string> candidate_types(const Element& element, std::string_view attribute) {
  std::vector<std::string> types;
  if (!element.has(attribute)) return types;
  const auto text = element.text(attribute);
  for (const auto word : split(text, ' ')) {
    if (word.empty()) continue;
    types.emplace_back(word);
    if (!is_one_of(types.back(), kCandidateTypes)) {
      element.complain(attribute, unknown("candidate type", types.back(), kCandidateTypes));
    }
  }
  if (types.empty()) {
    element.complain(attribute,
                     fmt::format("expected one or more of: {}", fmt::join(kCandidateTypes, ", ")));
  }
  return types;
}

void refuse_range(const Element& element) {
  element.complain_value("atMost",
                         fmt::format("no less than atLeast, {}", element.text("atLeast")));
}

Times read_times(const Element& element) {
  constexpr unsigned kMost = 1'000'000;
  const auto number = [&](std::string_view attribute) {
    return element.has(attribute)
               ? std::optional{static_cast<unsigned>(element.number(attribute, 0, kMost))}
               : std::nullopt;
  };
  const auto count = number("count");
  const Times times{number("atLeast"), number("atMost")};
  const bool has_range = times.at_least || times.at_most;
  if (count.has_value() == has_range) {
    element.complain("expected how often: count=\"…\", or atLeast=\"…\" and atMost=\"…\"");
  }
  if (times.at_least && times.at_most && *times.at_least > *times.at_most) {
    refuse_range(element);
  }
  return count ? Times{count, count} : times;
}

Expectation read_state(const Element& element, const Names& names, const Loaded& loaded) {
  ExpectState state{read_condition(element, names, loaded), std::nullopt};
  if (element.has("by")) state.by = element.duration("by");
  return state;
}

Expectation read_selected_pair(const Element& element, const Loaded& loaded) {
  ExpectSelectedPair pair{.peer = read_peer_name(element, "peer", loaded),
                          .local = candidate_types(element, "local"),
                          .remote = candidate_types(element, "remote")};
  if (element.has("protocol")) {
    pair.protocol = element.choice<std::string_view>("protocol", kProtocols);
  }
  if (element.has("family")) pair.family = element.choice<std::string_view>("family", kFamilies);
  return pair;
}

Expectation read_event(const Element& element, const Loaded& loaded) {
  ExpectEvent event{read_peer_name(element, "peer", loaded), element.text("type"),
                    read_times(element)};
  if (!is_one_of(event.type, kEventTypes)) element.complain_unknown("type", "event", kEventTypes);
  return event;
}

Expectation read_record(const Element& element, const Loaded& loaded) {
  ExpectRecord record{element.text("by"), element.text("event"), read_times(element)};
  auto known = names_of(loaded.scenario.peers);
  for (const auto& machine : loaded.topology.machine_names()) known.push_back(machine);
  if (!is_one_of(record.by, known)) element.complain_unknown("by", "peer or machine", known);
  if (!is_one_of(record.event, event_names()))
    element.complain_unknown("event", "event of the trace", event_names());
  return record;
}

Expectation read_transceiver(const Element& element, const Names& names, const Loaded& loaded) {
  const auto peer = read_peer_name(element, "peer", loaded);
  return ExpectTransceiver{
      peer, names.transceiver(element, peer),
      std::string{element.choice<std::string_view>("currentDirection", kDirections)}};
}

Expectation read_message(const Element& element, const Names& names, const Loaded& loaded) {
  return ExpectMessage{read_peer_name(element, "peer", loaded), names.channel(element),
                       element.text("text")};
}

constexpr std::array kKinds{Choice<std::string_view>{"audio", "audio"},
                            Choice<std::string_view>{"video", "video"}};

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

Expectation read_statistic(const Element& element, const Loaded& loaded) {
  ExpectStatistic statistic{.peer = read_peer_name(element, "peer", loaded),
                            .type = element.text("type"),
                            .member = element.text("member")};
  if (element.has("kind")) statistic.kind = element.choice<std::string_view>("kind", kKinds);
  if (element.has("rid")) statistic.rid = element.text("rid");
  if (element.has("atLeast")) statistic.at_least = element.decimal("atLeast");
  if (element.has("atMost")) statistic.at_most = element.decimal("atMost");
  if (element.has("is")) statistic.is = element.text("is");
  check_statistic(element, statistic);
  if (statistic.at_least && statistic.at_most && *statistic.at_least > *statistic.at_most)
    refuse_range(element);
  return statistic;
}

Expectation read_expectation(const Element& element, const Names& names, const Loaded& loaded) {
  const auto name = element.name();
  if (name == "state") return read_state(element, names, loaded);
  if (name == "selectedPair") return read_selected_pair(element, loaded);
  if (name == "event") return read_event(element, loaded);
  if (name == "recorded") return read_record(element, loaded);
  if (name == "transceiver") return read_transceiver(element, names, loaded);
  if (name == "statistic") return read_statistic(element, loaded);
  return read_message(element, names, loaded);
}

}  // namespace

void read_expectations(const Element& expect, const Names& names, Loaded& loaded) {
  for (const auto& element : expect.children()) {
    loaded.scenario.expectations.push_back(
        {read_expectation(element, names, loaded), element.line()});
  }
}

}  // namespace rtclab::scenario::reading
