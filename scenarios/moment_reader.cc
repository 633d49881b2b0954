#include "agents/base/event_names.h"
#include "agents/base/text.h"
#include "agents/peer/ice_server_url.h"
#include "scenarios/expectation_reading.h"
#include "topologies/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rtclab::scenario::reading {
namespace {

using xml::Element;

// The events of RTCPeerConnection (W3C webrtc-pc §4.4), of its receivers' tracks and their streams
// (§5.3), of RTCIceTransport (§5.6) and of RTCDataChannel (§6.2).
const std::vector<std::string> kEventTypes{"addtrack",
                                           "bufferedamountlow",
                                           "close",
                                           "closing",
                                           "connectionstatechange",
                                           "datachannel",
                                           "ended",
                                           "error",
                                           "icecandidate",
                                           "icecandidateerror",
                                           "iceconnectionstatechange",
                                           "icegatheringstatechange",
                                           "message",
                                           "mute",
                                           "negotiationneeded",
                                           "open",
                                           "removetrack",
                                           "selectedcandidatepairchange",
                                           "signalingstatechange",
                                           "track",
                                           "unmute"};
const std::vector<std::string> kEventTypesOfChannels{
    "bufferedamountlow", "close", "closing", "datachannel", "error", "message", "open"};

// A thing that happens, by the attribute that says what, and what else may be said of it.
struct Kind {
  std::string_view attribute;
  std::vector<std::string_view> others;
};
const std::array<Kind, 6> kKindsOfMoments{
    {{"at", {}},
     {"step", {}},
     {"stepBegin", {}},
     {"event", {"peer", "channel", "errorCode", "url", "errorDetail"}},
     {"recorded", {"by"}},
     {"text", {"peer", "channel"}}}};
constexpr std::array<std::string_view, 6> kQualities{"peer", "channel",     "errorCode",
                                                     "url",  "errorDetail", "by"};

Happening read_happening(const Element& element, std::string_view kind, const Names& names,
                         const Loaded& loaded) {
  if (kind == "at") return AtTime{read_time_of_run(element, "at", loaded)};
  if (kind == "step") return StepEdge{names.step(element, "step"), StepEdge::Edge::End};
  if (kind == "stepBegin") return StepEdge{names.step(element, "stepBegin"), StepEdge::Edge::Begin};
  if (kind == "event") return read_event_filter(element, "event", names, loaded);
  if (kind == "recorded") return read_record_filter(element, "recorded", loaded);
  return read_message_filter(element, names, loaded);
}

void refuse_strangers(const Element& element, const Kind& kind) {
  for (const auto quality : kQualities) {
    const bool belongs = std::ranges::find(kind.others, quality) != kind.others.end();
    if (element.has(quality) && !belongs)
      element.complain(quality,
                       fmt::format("{} does not belong to {}=\"…\"", quality, kind.attribute));
  }
}

// The server is named by its machine, as in an <iceServer>.
peer::IceServerUrl read_url(const Element& element, const Loaded& loaded) {
  const auto url = peer::parse_ice_server_url(element.text("url"));
  if (!url) {
    element.complain_value("url", "a server such as turn:MACHINE");
    return {};
  }
  auto known = names_of(loaded.topology.stun_servers);
  for (const auto& name : names_of(loaded.topology.turn_servers)) known.push_back(name);
  if (!is_one_of(url->host, known))
    element.complain("url", unknown("STUN or TURN server", url->host, known));
  return *url;
}

Moment at_end_of(std::string step) {
  return {StepEdge{std::move(step), StepEdge::Edge::End}};
}

// <after …/> inside, or after="STEP".
std::optional<Moment> read_edge(const Element& element, std::string_view name, const Names& names,
                                const Loaded& loaded) {
  const auto children = element.children(name);
  if (children.size() > 1 || (!children.empty() && element.has(name)))
    children.back().complain(fmt::format("expected one \"{}\" and no more", name));
  if (!children.empty()) return read_moment(children.front(), names, loaded);
  return element.has(name) ? std::optional{at_end_of(names.step(element, name))} : std::nullopt;
}

}  // namespace

Duration read_time_of_run(const Element& element, std::string_view attribute,
                          const Loaded& loaded) {
  const auto at = element.duration(attribute);
  if (at > loaded.scenario.duration) {
    element.complain_value(attribute,
                           fmt::format("a time within the run, which ends at {}",
                                       units::format_duration(loaded.scenario.duration)));
  }
  return at;
}

std::string read_event_type(const Element& element, std::string_view attribute) {
  auto type = element.text(attribute);
  if (!is_one_of(type, kEventTypes)) element.complain_unknown(attribute, "event", kEventTypes);
  return type;
}

EventFilter read_event_filter(const Element& element, std::string_view attribute,
                              const Names& names, const Loaded& loaded) {
  EventFilter event{.peer = read_peer_name(element, "peer", loaded),
                    .type = read_event_type(element, attribute)};
  const auto belongs = [&](std::string_view quality, bool fits, std::string_view to) {
    if (!element.has(quality)) return false;
    if (!fits) element.complain(quality, fmt::format("only {} has it", to));
    return true;
  };
  const bool is_candidate_error = event.type == "icecandidateerror";
  if (belongs("channel", is_one_of(event.type, kEventTypesOfChannels),
              "an event of a data channel"))
    event.channel = names.channel(element);
  if (belongs("errorCode", is_candidate_error, "icecandidateerror"))
    event.error_code = static_cast<int>(element.number("errorCode", 300, 799));
  if (belongs("url", is_candidate_error, "icecandidateerror"))
    event.url = read_url(element, loaded);
  if (belongs("errorDetail", event.type == "error", "error"))
    event.error_detail = read_word(element, "errorDetail", {"sctp-failure"});
  return event;
}

RecordFilter read_record_filter(const Element& element, std::string_view attribute,
                                const Loaded& loaded) {
  RecordFilter record{element.text("by", ""), element.text(attribute)};
  auto known = names_of(loaded.scenario.peers);
  for (const auto& machine : loaded.topology.machine_names()) known.push_back(machine);
  if (!is_one_of(record.by, known)) element.complain_unknown("by", "peer or machine", known);
  if (!is_one_of(record.event, event_names()))
    element.complain_unknown(attribute, "event of the trace", event_names());
  return record;
}

MessageFilter read_message_filter(const Element& element, const Names& names,
                                  const Loaded& loaded) {
  return {read_peer_name(element, "peer", loaded), names.channel(element), element.text("text")};
}

Moment read_moment(const Element& element, const Names& names, const Loaded& loaded) {
  std::vector<const Kind*> kinds;
  for (const auto& kind : kKindsOfMoments) {
    if (element.has(kind.attribute)) kinds.push_back(&kind);
  }
  const bool is_condition = has_condition(element);
  if (kinds.size() + (is_condition ? 1 : 0) != 1) {
    element.complain(
        "expected one thing that happens: at, step, stepBegin, event, recorded, text, or a "
        "condition such as connectionState");
    return {AtTime{}};
  }
  Moment moment;
  if (is_condition) {
    moment.what = std::visit([](auto condition) { return Happening{std::move(condition)}; },
                             read_condition(element, names, loaded));
  } else {
    refuse_strangers(element, *kinds.front());
    moment.what = read_happening(element, kinds.front()->attribute, names, loaded);
  }
  moment.nth = static_cast<unsigned>(element.number("nth", 1, 1'000'000, 1));
  if (element.has("nth") && std::holds_alternative<AtTime>(moment.what))
    element.complain("nth", "a time comes once");
  return moment;
}

std::optional<Moment> read_after(const Element& element, const Names& names, const Loaded& loaded) {
  return read_edge(element, "after", names, loaded);
}

Window read_window(const Element& element, const Names& names, const Loaded& loaded, ByIs by) {
  Window window;
  const auto* const end = by == ByIs::Time && element.has("by") ? "by" : "until";
  if (by == ByIs::Time && element.has("by") && element.has("until"))
    element.complain("until", "by says it already");
  if (element.has("from")) window.from = read_time_of_run(element, "from", loaded);
  if (element.has(end)) window.until = read_time_of_run(element, end, loaded);
  if (window.from && window.until && *window.from > *window.until)
    element.complain_value(end, fmt::format("no less than from, {}", element.text("from")));
  window.after = read_after(element, names, loaded);
  window.before = read_edge(element, "before", names, loaded);
  return window;
}

When read_when(const Element& element, const Window& window) {
  const bool always = element.yes_no("always", false);
  const bool never = element.yes_no("never", false);
  if (always && never) element.complain("never", "always says the contrary");
  if (always) return When::Always;
  if (never) return When::Never;
  return window.is_whole() ? When::AtEnd : When::Once;
}

void refuse_range(const Element& element) {
  element.complain_value("atMost",
                         fmt::format("no less than atLeast, {}", element.text("atLeast")));
}

bool has_times(const Element& element) {
  return std::ranges::any_of(std::array{"count", "atLeast", "atMost", "never"},
                             [&](const char* name) { return element.has(name); });
}

Times read_times(const Element& element, const Times& usual) {
  constexpr unsigned kMost = 1'000'000;
  if (!usual.is_any() && !has_times(element)) return usual;
  const auto number = [&](std::string_view attribute) {
    return element.has(attribute)
               ? std::optional{static_cast<unsigned>(element.number(attribute, 0, kMost))}
               : std::nullopt;
  };
  const auto count = number("count");
  const Times times{number("atLeast"), number("atMost")};
  const bool never = element.yes_no("never", false);
  const int ways = (count ? 1 : 0) + (times.is_any() ? 0 : 1) + (never ? 1 : 0);
  if (ways != 1) {
    element.complain(
        "expected how often: count=\"…\", or atLeast=\"…\" and atMost=\"…\", or never=\"yes\"");
  }
  if (times.at_least && times.at_most && *times.at_least > *times.at_most) refuse_range(element);
  if (never) return kNever;
  return count ? Times{count, count} : times;
}

std::string read_word(const Element& element, std::string_view attribute,
                      const std::vector<std::string>& known) {
  if (!element.has(attribute)) return {};
  auto word = element.text(attribute);
  if (!is_one_of(word, known)) element.complain_unknown(attribute, attribute, known);
  return word;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  for (const auto word : split(text, ' ')) {
    if (!word.empty()) found.emplace_back(word);
  }
  return found;
}

const std::vector<std::string>& candidate_types() {
  static const std::vector<std::string> kTypes{"host", "srflx", "prflx", "relay"};
  return kTypes;
}

std::vector<std::string> read_candidate_types(const Element& element, std::string_view attribute) {
  if (!element.has(attribute)) return {};
  auto types = words(element.text(attribute));
  for (const auto& type : types) {
    if (!is_one_of(type, candidate_types()))
      element.complain(attribute, unknown("candidate type", type, candidate_types()));
  }
  if (types.empty()) {
    element.complain(
        attribute, fmt::format("expected one or more of: {}", fmt::join(candidate_types(), ", ")));
  }
  return types;
}

}  // namespace rtclab::scenario::reading
