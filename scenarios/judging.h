// How each kind of expectation is judged: whether it is met, and what was so. Private to this
// folder.
#pragma once

#include "scenarios/account.h"
#include "scenarios/expectation.h"

#include <optional>
#include <string>
#include <vector>

namespace rtclab::scenario::judging {

struct Finding {
  bool met = false;
  std::string seen;
};

// judging_states.cc
[[nodiscard]] Finding find_out(const ExpectState& e, const Account& account);
[[nodiscard]] Finding find_out(const ExpectStates& e, const Account& account);
[[nodiscard]] Finding find_out(const ExpectDuration& e, const Account& account);
[[nodiscard]] Finding find_out(const ExpectStep& e, const Account& account);
// judging_network.cc
[[nodiscard]] Finding find_out(const ExpectSelectedPair& e, const Account& account);
[[nodiscard]] Finding find_out(const ExpectSelectedPairs& e, const Account& account);
[[nodiscard]] Finding find_out(const ExpectCandidates& e, const Account& account);
// judging_events.cc
[[nodiscard]] Finding find_out(const ExpectEvent& e, const Account& account);
[[nodiscard]] Finding find_out(const ExpectRecord& e, const Account& account);
[[nodiscard]] Finding find_out(const ExpectMessage& e, const Account& account);
[[nodiscard]] Finding find_out(const ExpectMessages& e, const Account& account);
// judging_results.cc
[[nodiscard]] Finding find_out(const ExpectDescription& e, const Account& account);
[[nodiscard]] Finding find_out(const ExpectTransceiver& e, const Account& account);
[[nodiscard]] Finding find_out(const ExpectTransceivers& e, const Account& account);
[[nodiscard]] Finding find_out(const ExpectStatistic& e, const Account& account);
[[nodiscard]] Finding find_out(const ExpectVerdict& e, const Account& account);
[[nodiscard]] Finding find_out(const ExpectVerdicts& e, const Account& account);

// A window where it came to lie in this run, both ends within it.
struct Period {
  Stamp begin;
  Stamp end;

  [[nodiscard]] bool holds(const Stamp& at) const { return at >= begin && at <= end; }
  [[nodiscard]] bool meets(const Span& span) const {
    return span.begin <= end && (!span.end || *span.end > begin);
  }
  [[nodiscard]] bool is_within(const Span& span) const {
    // A window that begins with a bare time begins when all of that instant has happened.
    const auto first = begin.order == 0 ? Stamp::end_of(begin.at) : begin;
    return span.begin <= first && (!span.end || *span.end > end);
  }
};
// nullopt, and why, when what it is to come after or before never came.
struct Place {
  std::optional<Period> period{};
  std::string missing{};
};
[[nodiscard]] Place locate(const Window& window, const Account& account);
// Spans that must hold at the end, once, always or never.
[[nodiscard]] bool holds(const Spans& spans, When when, const Period& period);

[[nodiscard]] std::string seconds(const Stamp& at);  // "1.250 s"
// "2 times, at 1.250 s and 3.000 s", "never".
[[nodiscard]] Finding count(const std::vector<Stamp>& stamps, const Times& times,
                            const Window& window, const Account& account);

}  // namespace rtclab::scenario::judging
