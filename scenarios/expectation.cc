#include "scenarios/expectation.h"

#include <fmt/format.h>

#include <chrono>

namespace rtclab::scenario {
namespace {

std::string joined(const std::vector<std::string>& words) {
  if (words.empty()) return "any";
  return fmt::format("{}", fmt::join(words, " or "));
}

std::string say(const Times& times) {
  if (times.at_least && times.at_most == times.at_least) {
    return *times.at_least == 0 ? "never" : fmt::format("{} times", *times.at_least);
  }
  if (times.at_least && times.at_most) {
    return fmt::format("{} to {} times", *times.at_least, *times.at_most);
  }
  if (times.at_least) return fmt::format("at least {} times", *times.at_least);
  return fmt::format("at most {} times", times.at_most.value_or(0));
}

struct SayExpectation {
  std::string operator()(const ExpectState& e) const {
    if (!e.by) return to_string(e.condition) + " at the end";
    return fmt::format("{} by {} s", to_string(e.condition),
                       std::chrono::duration<double>(*e.by).count());
  }
  std::string operator()(const ExpectSelectedPair& e) const {
    auto text = fmt::format("{} selects a pair {} / {}", e.peer, joined(e.local), joined(e.remote));
    if (!e.protocol.empty()) text += " over " + e.protocol;
    if (!e.family.empty()) text += " of " + e.family;
    return text;
  }
  std::string operator()(const ExpectMessage& e) const {
    return fmt::format("{} receives \"{}\" on \"{}\"", e.peer, e.text, e.channel);
  }
  std::string operator()(const ExpectEvent& e) const {
    return fmt::format("{} fires {} {}", e.peer, e.type, say(e.times));
  }
  std::string operator()(const ExpectRecord& e) const {
    return fmt::format("{} reports {} {}", e.by, e.event, say(e.times));
  }
  std::string operator()(const ExpectTransceiver& e) const {
    return fmt::format("{} transceiver \"{}\" currentDirection = {} at the end", e.peer,
                       e.transceiver, e.current_direction);
  }
  std::string operator()(const ExpectStatistic& e) const {
    auto text =
        fmt::format("{} {}{}{} {}", e.peer, e.kind, e.kind.empty() ? "" : " ", e.type, e.member);
    if (!e.rid.empty()) text += fmt::format(" of \"{}\"", e.rid);
    if (e.at_least) text += fmt::format(" >= {}", *e.at_least);
    if (e.at_least && e.at_most) text += " and";
    if (e.at_most) text += fmt::format(" <= {}", *e.at_most);
    if (e.is) text += fmt::format(" = \"{}\"", *e.is);
    return text;
  }
};

}  // namespace

std::string to_string(const Expectation& expectation) {
  return std::visit(SayExpectation{}, expectation);
}

}  // namespace rtclab::scenario
