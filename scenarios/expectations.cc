#include "scenarios/expectations.h"

#include "scenarios/judging.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace rtclab::scenario {

namespace judging {

std::string seconds(const Stamp& at) {
  return fmt::format("{:.3f} s", std::chrono::duration<double>(at.at.time_since_epoch()).count());
}

Place locate(const Window& window, const Account& account) {
  Period period{{}, Stamp::end_of(Instant{account.duration})};
  if (window.from) period.begin = Stamp{Instant{*window.from}};
  auto since = period.begin;
  if (window.until) period.end = Stamp::end_of(Instant{*window.until});
  if (window.after) {
    const auto found = find(*window.after, account);
    if (!found) return {{}, to_string(*window.after) + " never came about"};
    since = std::max(since, *found);
    period.begin = std::max(period.begin, Stamp{found->at, found->order + 1});
  }
  if (window.before) {
    const auto found = find(*window.before, account, since);
    if (!found) return {{}, to_string(*window.before) + " did not come about"};
    // Nothing has the number of what it is before; of a bare time everything is later.
    period.end =
        std::min(period.end, found->order == 0 ? *found : Stamp{found->at, found->order - 1});
  }
  return {period, {}};
}

bool holds(const Spans& spans, When when, const Period& period) {
  const auto meets = [&](const Span& span) { return period.meets(span); };
  switch (when) {
    case When::AtEnd: return !spans.empty() && !spans.back().end;
    case When::Once: return std::ranges::any_of(spans, meets);
    case When::Never: return std::ranges::none_of(spans, meets);
    case When::Always:
      return std::ranges::any_of(spans, [&](const Span& span) { return period.is_within(span); });
  }
  __builtin_unreachable();
}

Finding count(const std::vector<Stamp>& stamps, const Times& times, const Window& window,
              const Account& account) {
  const auto place = locate(window, account);
  if (!place.period) return {false, place.missing};
  constexpr unsigned kShown = 3;
  unsigned found = 0;
  std::string when;
  for (const auto& at : stamps) {
    if (!place.period->holds(at)) continue;
    if (++found <= kShown) when += (found == 1 ? ", at " : ", ") + seconds(at);
  }
  if (found > kShown) when += ", …";
  return {times.admits(found), fmt::format("{} time{}{}", found, found == 1 ? "" : "s", when)};
}

}  // namespace judging

bool expects_failure(const Scenario& scenario, std::string_view requirement) {
  return std::ranges::any_of(scenario.expectations, [&](const Expected& expected) {
    const auto* const verdict = std::get_if<ExpectVerdict>(&expected.expectation);
    return verdict != nullptr && verdict->requirement == requirement &&
           verdict->is == judge::Verdict::Fail;
  });
}

std::vector<ExpectationOutcome> judge(const Scenario& scenario, const Account& account) {
  std::vector<ExpectationOutcome> outcomes;
  for (const auto& expected : scenario.expectations) {
    auto finding = std::visit([&](const auto& e) { return judging::find_out(e, account); },
                              expected.expectation);
    outcomes.push_back({.expected = to_string(expected.expectation),
                        .met = finding.met,
                        .seen = std::move(finding.seen),
                        .line = expected.line});
  }
  return outcomes;
}

}  // namespace rtclab::scenario
