#include "scenarios/moment.h"

#include <fmt/format.h>

#include <chrono>

namespace rtclab::scenario {
namespace {

std::string ordinal(unsigned number) {
  const auto tens = number / 10 % 10;
  const auto* const ending = tens == 1          ? "th"
                             : number % 10 == 1 ? "st"
                             : number % 10 == 2 ? "nd"
                             : number % 10 == 3 ? "rd"
                                                : "th";
  return fmt::format("{}{}", number, ending);
}

struct SayHappening {
  std::string operator()(const AtTime& m) const { return in_seconds(m.at); }
  std::string operator()(const StepEdge& m) const {
    return fmt::format("step \"{}\" {}", m.step, m.edge == StepEdge::Edge::End ? "ends" : "begins");
  }
  std::string operator()(const EventFilter& m) const { return to_string(m); }
  std::string operator()(const RecordFilter& m) const {
    return fmt::format("{} reports {}", m.by, m.event);
  }
  std::string operator()(const MessageFilter& m) const {
    return fmt::format("{} receives \"{}\" on \"{}\"", m.peer, m.text, m.channel);
  }
  template <class Cond>
  std::string operator()(const Cond& condition) const {
    return to_string(Condition{condition});
  }
};

}  // namespace

std::string in_seconds(Duration duration) {
  return fmt::format("{} s", std::chrono::duration<double>(duration).count());
}

std::string to_string(const EventFilter& event) {
  auto text = fmt::format("{} fires {}", event.peer, event.type);
  if (!event.channel.empty()) text += fmt::format(" on \"{}\"", event.channel);
  if (event.error_code) text += fmt::format(" with errorCode {}", *event.error_code);
  if (event.url) text += " of " + peer::to_string(*event.url);
  if (!event.error_detail.empty()) text += " with " + event.error_detail;
  return text;
}

std::string to_string(const Moment& moment) {
  const auto what = std::visit(SayHappening{}, moment.what);
  return moment.nth == 1 ? what : fmt::format("the {} time: {}", ordinal(moment.nth), what);
}

std::string to_string(const Window& window) {
  std::string text;
  if (window.from) text += " from " + in_seconds(*window.from);
  if (window.until) text += " until " + in_seconds(*window.until);
  if (window.after) text += fmt::format(" after {}", to_string(*window.after));
  if (window.before) text += fmt::format(" before {}", to_string(*window.before));
  return text;
}

}  // namespace rtclab::scenario
