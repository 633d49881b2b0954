#include "scenarios/expectation.h"

#include <fmt/format.h>

namespace rtclab::scenario {
namespace {

std::string joined(const std::vector<std::string>& words) {
  if (words.empty()) return "any";
  return fmt::format("{}", fmt::join(words, " or "));
}

std::string say(const Times& times) {
  const auto number = [](unsigned count) {
    return fmt::format("{} time{}", count, count == 1 ? "" : "s");
  };
  if (times.at_least && times.at_most == times.at_least) {
    return *times.at_least == 0 ? "never" : number(*times.at_least);
  }
  if (times.at_least && times.at_most) {
    return fmt::format("{} to {}", *times.at_least, number(*times.at_most));
  }
  if (times.at_least) return "at least " + number(*times.at_least);
  return "at most " + number(times.at_most.value_or(0));
}

// "2", "2 to 3", "at least 2"
std::string how_many(const Times& times) {
  if (times.at_least && times.at_most == times.at_least) return fmt::format("{}", *times.at_least);
  if (times.at_least && times.at_most)
    return fmt::format("{} to {}", *times.at_least, *times.at_most);
  if (times.at_least) return fmt::format("at least {}", *times.at_least);
  return fmt::format("at most {}", times.at_most.value_or(0));
}

std::string say(When when, const Window& window) {
  const auto where = to_string(window);
  switch (when) {
    case When::AtEnd: return " at the end";
    case When::Once: return where;
    case When::Always: return " always" + where;
    case When::Never: return " never" + where;
  }
  __builtin_unreachable();
}

template <class Bound, class Say>
std::string bounds(const std::optional<Bound>& least, const std::optional<Bound>& most, Say say) {
  std::string text;
  if (least) text += " >= " + say(*least);
  if (least && most) text += " and";
  if (most) text += " <= " + say(*most);
  return text;
}

std::string say(const PairFilter& pair) {
  auto text = fmt::format("a pair {} / {}", joined(pair.local), joined(pair.remote));
  if (!pair.protocol.empty()) text += " over " + pair.protocol;
  if (!pair.family.empty()) text += " of " + pair.family;
  if (pair.local_address) text += " from " + pair.local_address->to_string();
  if (!pair.local_machine.empty()) text += " from " + pair.local_machine;
  if (pair.remote_address) text += " to " + pair.remote_address->to_string();
  if (!pair.remote_machine.empty()) text += " to " + pair.remote_machine;
  if (!pair.relay.empty()) text += " through " + pair.relay;
  return text;
}

struct SayExpectation {
  std::string operator()(const ExpectState& e) const {
    const bool by_then = e.when == When::Once && e.window.until && !e.window.from &&
                         !e.window.after && !e.window.before;
    if (by_then)
      return fmt::format("{} by {}", to_string(e.condition), in_seconds(*e.window.until));
    return to_string(e.condition) + say(e.when, e.window);
  }
  std::string operator()(const ExpectStates& e) const {
    const auto channel = e.channel.empty() ? "" : fmt::format("channel \"{}\" ", e.channel);
    return fmt::format("{} {}{}: {}{}", e.peer, channel, e.attribute, fmt::join(e.order, ", "),
                       to_string(e.window));
  }
  std::string operator()(const ExpectDuration& e) const {
    return fmt::format("from: {}; to: {};{}", to_string(e.from), to_string(e.to),
                       bounds(e.at_least, e.at_most, in_seconds));
  }
  std::string operator()(const ExpectStep& e) const {
    auto text = fmt::format("step \"{}\" ends{}", e.step, to_string(e.window));
    const auto length = bounds(e.at_least, e.at_most, in_seconds);
    return length.empty() ? text : text + ", having taken" + length;
  }
  std::string operator()(const ExpectSelectedPair& e) const {
    const auto when = e.when == When::AtEnd ? std::string{} : say(e.when, e.window);
    return fmt::format("{} selects {}{}", e.peer, say(e.pair), when);
  }
  std::string operator()(const ExpectSelectedPairs& e) const {
    auto text = e.peer + " selects ";
    if (!e.times.is_any()) text += how_many(e.times) + " ";
    text += "pair(s)";
    for (std::size_t i = 0; i < e.order.size(); ++i) {
      text += i == 0 ? ": " : ", ";
      const auto& types = e.order[i];
      text += types.others ? std::string{kOthers}
                           : fmt::format("{} / {}", joined(types.local), joined(types.remote));
    }
    return text + to_string(e.window);
  }
  std::string operator()(const ExpectCandidates& e) const {
    using Which = ExpectCandidates::Which;
    const auto* const verb = e.which == Which::Gathered   ? "gathers"
                             : e.which == Which::Trickled ? "trickles"
                                                          : "receives";
    auto text = fmt::format("{} {} {}", e.peer, verb, how_many(e.times));
    if (!e.types.empty()) text += " " + joined(e.types);
    text += " candidate(s)";
    if (!e.protocol.empty()) text += " over " + e.protocol;
    if (!e.tcp_type.empty()) text += " " + e.tcp_type;
    if (!e.family.empty()) text += " of " + e.family;
    return text + to_string(e.window);
  }
  std::string operator()(const ExpectEvent& e) const {
    return fmt::format("{} {}{}", to_string(e.event), say(e.times), to_string(e.window));
  }
  std::string operator()(const ExpectRecord& e) const {
    return fmt::format("{} reports {} {}{}", e.record.by, e.record.event, say(e.times),
                       to_string(e.window));
  }
  std::string operator()(const ExpectMessage& e) const {
    const bool usual = e.times.at_least == 1U && !e.times.at_most;
    return fmt::format("{}{}{}", to_string(Moment{e.message}),
                       usual ? std::string{} : " " + say(e.times), to_string(e.window));
  }
  std::string operator()(const ExpectMessages& e) const {
    auto text = fmt::format("{} receives on \"{}\"", e.peer, e.channel);
    if (!e.times.is_any()) text += fmt::format(" {} message(s)", how_many(e.times));
    if (e.complete) text += " all that " + e.from + " sent";
    if (e.once) text += e.times.is_any() && !e.complete ? " nothing twice" : ", nothing twice";
    if (e.in_order) text += ", in the order of their sending";
    return text + to_string(e.window);
  }
  std::string operator()(const ExpectDescription& e) const {
    auto text = fmt::format("{} {}", e.peer, e.attribute);
    if (!e.type.empty()) text += " is " + (e.type == "null" ? e.type : "of type " + e.type);
    if (e.contains) text += fmt::format(" contains \"{}\"", *e.contains);
    if (e.lacks) text += fmt::format(" lacks \"{}\"", *e.lacks);
    if (e.matches) text += fmt::format(" matches \"{}\"", *e.matches);
    return text + (e.at ? fmt::format(" after {}", to_string(*e.at)) : " at the end");
  }
  std::string operator()(const ExpectTransceiver& e) const {
    auto text = fmt::format("{} transceiver \"{}\"", e.peer, e.transceiver);
    if (e.current_direction) text += " currentDirection = " + *e.current_direction;
    if (e.direction) text += " direction = " + *e.direction;
    if (e.track) text += " track = " + *e.track;
    if (e.muted) text += *e.muted ? " muted" : " not muted";
    return text + " at the end";
  }
  std::string operator()(const ExpectTransceivers& e) const {
    auto text = fmt::format("{} has {}", e.peer, how_many(e.times));
    if (!e.kind.empty()) text += " " + e.kind;
    text += " transceiver(s)";
    if (!e.current_direction.empty()) text += " with currentDirection = " + e.current_direction;
    return text + " at the end";
  }
  std::string operator()(const ExpectStatistic& e) const {
    auto text =
        fmt::format("{} {}{}{} {}", e.peer, e.kind, e.kind.empty() ? "" : " ", e.type, e.member);
    if (!e.rid.empty()) text += fmt::format(" of \"{}\"", e.rid);
    text += bounds(e.at_least, e.at_most, [](double bound) { return fmt::format("{}", bound); });
    if (e.is) text += fmt::format(" = \"{}\"", *e.is);
    return text;
  }
  std::string operator()(const ExpectVerdict& e) const {
    return fmt::format("the verdict on {} is {}", e.requirement, to_string(e.is));
  }
  std::string operator()(const ExpectVerdicts& e) const {
    return fmt::format("no verdict{} is {}", e.of.empty() ? "" : " on " + e.of, to_string(e.none));
  }
};

}  // namespace

std::string to_string(const Expectation& expectation) {
  return std::visit(SayExpectation{}, expectation);
}

}  // namespace rtclab::scenario
