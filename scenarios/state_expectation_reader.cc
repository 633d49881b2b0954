// Readers of <state>, <states>, <duration> and <step>.
#include "scenarios/expectation_reading.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::scenario::reading {
namespace {

using xml::Element;

bool begins_with_the_run(const Window& window) {
  return !window.after && (!window.from || *window.from == Duration{0});
}

// W3C webrtc-pc §4.4.1.1.
std::string_view initial_state(std::string_view attribute) {
  if (attribute == "readyState") return "connecting";
  return attribute == "signalingState" ? "stable" : "new";
}

void check_order(const Element& element, const ExpectStates& states) {
  const auto& order = states.order;
  if (order.empty()) return element.complain_value("order", "one or more states");
  const auto again = std::ranges::adjacent_find(order);
  if (again != order.end()) {
    return element.complain("order",
                            fmt::format("\"{}\" stands there twice, one after the other", *again));
  }
  const auto first = initial_state(states.attribute);
  if (begins_with_the_run(states.window) && order.front() != first && order.front() != kOthers) {
    element.complain("order", fmt::format("every {} begins with \"{}\": expected it, or \"…\", as "
                                          "the first",
                                          states.attribute, first));
  }
}

void read_bounds(const Element& element, std::optional<Duration>& at_least,
                 std::optional<Duration>& at_most) {
  if (element.has("atLeast")) at_least = element.duration("atLeast");
  if (element.has("atMost")) at_most = element.duration("atMost");
  if (at_least && at_most && *at_least > *at_most) refuse_range(element);
}

}  // namespace

Expectation read_state(const Element& element, const Names& names, const Loaded& loaded) {
  ExpectState state{.condition = read_condition(element, names, loaded),
                    .window = read_window(element, names, loaded)};
  state.when = read_when(element, state.window);
  const auto* const c = std::get_if<StateCondition>(&state.condition);
  const bool is_initial = c != nullptr && c->value == initial_state(c->attribute);
  if (is_initial && state.when == When::Never && begins_with_the_run(state.window)) {
    element.complain(c->attribute, fmt::format("every {} begins with \"{}\": it cannot be never so",
                                               c->attribute, c->value));
  }
  return state;
}

Expectation read_states(const Element& element, const Names& names, const Loaded& loaded) {
  ExpectStates states{.peer = read_peer_name(element, "peer", loaded),
                      .attribute = element.text("attribute"),
                      .window = read_window(element, names, loaded)};
  const auto* const values = find_state_values(states.attribute);
  if (values == nullptr) {
    element.complain_unknown("attribute", "attribute with states", state_attribute_names());
    return states;
  }
  const bool of_channel = states.attribute == "readyState";
  if (of_channel != element.has("channel"))
    element.complain("channel=\"…\" and attribute=\"readyState\" belong together");
  if (element.has("channel")) states.channel = names.channel(element);
  for (auto& word : words(element.text("order"))) {
    if (word == "...") word = kOthers;
    if (word != kOthers && !is_one_of(word, *values))
      element.complain("order", unknown(states.attribute, word, *values));
    states.order.push_back(std::move(word));
  }
  check_order(element, states);
  return states;
}

Expectation read_duration(const Element& element, const Names& names, const Loaded& loaded) {
  ExpectDuration duration;
  read_bounds(element, duration.at_least, duration.at_most);
  if (!duration.at_least && !duration.at_most)
    element.complain("expected how long: atLeast=\"…\", atMost=\"…\" or both");
  const auto from = element.children("from");
  const auto to = element.children("to");
  if (from.size() != 1 || to.size() != 1) {
    element.complain("expected one <from …/> and one <to …/> inside: what it begins and ends with");
    return duration;
  }
  duration.from = read_moment(from.front(), names, loaded);
  duration.to = read_moment(to.front(), names, loaded);
  return duration;
}

Expectation read_step(const Element& element, const Names& names, const Loaded& loaded) {
  ExpectStep step{.step = names.step(element, "step"),
                  .window = read_window(element, names, loaded)};
  read_bounds(element, step.at_least, step.at_most);
  if (step.window.is_whole() && !step.at_least && !step.at_most) {
    element.complain(
        "expected when it has to end (from, by, after, before) or how long it may take (atLeast, "
        "atMost)");
  }
  return step;
}

}  // namespace rtclab::scenario::reading
