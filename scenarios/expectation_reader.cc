#include "agents/base/text.h"
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
    element.complain("atMost", "expected no less than atLeast");
  }
  return count ? Times{count, count} : times;
}

Expectation read_state(const Element& element, const Loaded& loaded) {
  ExpectState state{read_condition(element, loaded), std::nullopt};
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
  if (record.event.find(':') == std::string::npos) {
    element.complain("event", fmt::format("expected the name of an event of the trace such as "
                                          "\"ice:pair_nominated\", found \"{}\"",
                                          record.event));
  }
  return record;
}

Expectation read_transceiver(const Element& element, const Loaded& loaded) {
  return ExpectTransceiver{
      read_peer_name(element, "peer", loaded), element.text("transceiver"),
      std::string{element.choice<std::string_view>("currentDirection", kDirections)}};
}

// The types of W3C webrtc-stats that getStats() here has.
const std::vector<std::string> kStatsTypes{
    "candidate-pair",   "certificate",        "codec",
    "data-channel",     "inbound-rtp",        "local-candidate",
    "media-source",     "outbound-rtp",       "peer-connection",
    "remote-candidate", "remote-inbound-rtp", "remote-outbound-rtp",
    "transport"};
constexpr std::array kKinds{Choice<std::string_view>{"audio", "audio"},
                            Choice<std::string_view>{"video", "video"}};

Expectation read_statistic(const Element& element, const Loaded& loaded) {
  ExpectStatistic statistic{.peer = read_peer_name(element, "peer", loaded),
                            .type = element.text("type"),
                            .member = element.text("member")};
  if (!is_one_of(statistic.type, kStatsTypes))
    element.complain_unknown("type", "type of statistics", kStatsTypes);
  if (element.has("kind")) statistic.kind = element.choice<std::string_view>("kind", kKinds);
  if (element.has("rid")) statistic.rid = element.text("rid");
  if (element.has("atLeast")) statistic.at_least = element.decimal("atLeast");
  if (element.has("atMost")) statistic.at_most = element.decimal("atMost");
  if (!statistic.at_least && !statistic.at_most)
    element.complain("expected how much: atLeast=\"…\", atMost=\"…\" or both");
  if (statistic.at_least && statistic.at_most && *statistic.at_least > *statistic.at_most)
    element.complain("atMost", "expected no less than atLeast");
  return statistic;
}

Expectation read_expectation(const Element& element, const Loaded& loaded) {
  const auto name = element.name();
  if (name == "state") return read_state(element, loaded);
  if (name == "selectedPair") return read_selected_pair(element, loaded);
  if (name == "event") return read_event(element, loaded);
  if (name == "recorded") return read_record(element, loaded);
  if (name == "transceiver") return read_transceiver(element, loaded);
  if (name == "statistic") return read_statistic(element, loaded);
  return ExpectMessage{read_peer_name(element, "peer", loaded), element.text("channel"),
                       element.text("text")};
}

}  // namespace

void read_expectations(const Element& expect, Loaded& loaded) {
  for (const auto& element : expect.children()) {
    loaded.scenario.expectations.push_back({read_expectation(element, loaded), element.line()});
  }
}

}  // namespace rtclab::scenario::reading
