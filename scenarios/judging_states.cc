#include "scenarios/judging.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace rtclab::scenario::judging {
namespace {

std::string joined_values(const std::vector<std::string>& values) {
  return values.empty() ? "nothing" : fmt::format("{}", fmt::join(values, ", "));
}

// The values that an attribute had in the period, in their order.
std::vector<std::string> values_in(const std::vector<Change>& changes, const Period& period) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Span span{changes[i].at,
                    i + 1 < changes.size() ? std::optional{changes[i + 1].at} : std::nullopt};
    if (period.meets(span)) values.push_back(changes[i].value);
  }
  return values;
}

// What is seen of the attribute that a condition speaks of.
struct SeenIn {
  const Chronicle& chronicle;
  const Period& period;

  std::string operator()(const StateCondition& c) const {
    return fmt::format("{} was {}", c.attribute,
                       joined_values(values_in(chronicle.changes(c.attribute), period)));
  }
  std::string operator()(const ChannelCondition& c) const {
    if (chronicle.find_channel(c.channel) == nullptr) return chronicle.seen(c);
    return fmt::format(
        "readyState was {}",
        joined_values(values_in(chronicle.changes("readyState", c.channel), period)));
  }
  std::string operator()(const MessagesCondition& c) const {
    const auto* const channel = chronicle.find_channel(c.channel);
    const auto arrived =
        channel == nullptr ? 0 : std::ranges::count_if(channel->received_at, [&](const Stamp& at) {
          return at <= period.end;
        });
    return fmt::format("{} of {} messages on \"{}\"", arrived, c.count, c.channel);
  }
};

std::string seen_of(const ExpectState& e, const Chronicle& chronicle, const Spans& spans,
                    const Period& period, bool met) {
  if (e.when == When::AtEnd) {
    return met ? "since " + seconds(spans.back().begin) : chronicle.seen(e.condition);
  }
  const auto first = std::ranges::find_if(spans, [&](const Span& s) { return period.meets(s); });
  const auto was = std::visit(SeenIn{chronicle, period}, e.condition);
  if (e.when == When::Always) return was;
  if (first != spans.end()) return "reached at " + seconds(first->begin);
  if (e.when == When::Once && !spans.empty())
    return fmt::format("not then, but at {}; {}", seconds(spans.front().begin), was);
  return was;
}

using Values = std::span<const std::string>;

// "…" fits any number of values.
bool follows(Values seen, Values order) {
  if (order.empty()) return seen.empty();
  if (order.front() == kOthers) {
    return follows(seen, order.subspan(1)) || (!seen.empty() && follows(seen.subspan(1), order));
  }
  return !seen.empty() && seen.front() == order.front() &&
         follows(seen.subspan(1), order.subspan(1));
}

Finding compare(Duration took, const std::optional<Duration>& at_least,
                const std::optional<Duration>& at_most) {
  return {(!at_least || took >= *at_least) && (!at_most || took <= *at_most), in_seconds(took)};
}

}  // namespace

Finding find_out(const ExpectState& e, const Account& account) {
  const auto place = locate(e.window, account);
  if (!place.period) return {false, place.missing};
  const auto& chronicle = account.chronicles.at(
      std::visit([](const auto& c) -> const std::string& { return c.peer; }, e.condition));
  const auto spans = chronicle.spans(e.condition);
  const bool met = holds(spans, e.when, *place.period);
  return {met, seen_of(e, chronicle, spans, *place.period, met)};
}

Finding find_out(const ExpectStates& e, const Account& account) {
  const auto place = locate(e.window, account);
  if (!place.period) return {false, place.missing};
  const auto& chronicle = account.chronicles.at(e.peer);
  if (!e.channel.empty() && chronicle.find_channel(e.channel) == nullptr)
    return {false, fmt::format("there is no channel \"{}\"", e.channel)};
  const auto values = values_in(chronicle.changes(e.attribute, e.channel), *place.period);
  return {follows(values, e.order), joined_values(values)};
}

Finding find_out(const ExpectDuration& e, const Account& account) {
  const auto from = find(e.from, account);
  if (!from) return {false, to_string(e.from) + " never came about"};
  const auto to = find(e.to, account, from);
  if (!to) {
    return {false, fmt::format("{} did not come about after {}", to_string(e.to), seconds(*from))};
  }
  auto finding = compare(*to - *from, e.at_least, e.at_most);
  finding.seen += fmt::format(", from {} to {}", seconds(*from), seconds(*to));
  return finding;
}

Finding find_out(const ExpectStep& e, const Account& account) {
  const auto place = locate(e.window, account);
  if (!place.period) return {false, place.missing};
  const auto& begun = account.steps.of({e.step, StepEdge::Edge::Begin});
  const auto& ended = account.steps.of({e.step, StepEdge::Edge::End});
  if (begun.empty()) return {false, "it did not begin"};
  if (ended.empty()) return {false, fmt::format("began at {} and did not end", seconds(begun[0]))};
  const auto took = compare(ended.front() - begun.front(), e.at_least, e.at_most);
  return {took.met && place.period->holds(ended.front()),
          fmt::format("ended at {}, having taken {}", seconds(ended.front()), took.seen)};
}

}  // namespace rtclab::scenario::judging
