#include "reports/diagrams/pair_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string>

namespace rtclab::diagrams {
namespace {

// RFC 8445 §6.1.2.6 names the states; traces may write them in lower case.
bool is_state(const PairCard& pair, std::string_view state) {
  if (pair.steps.empty()) return false;
  const auto& last = pair.steps.back().state;
  return std::ranges::equal(last, state, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  });
}

PairOutcome outcome(const PairCard& pair) {
  if (pair.outcome == PairOutcome::Pruned || pair.outcome == PairOutcome::NotChecked)
    return pair.outcome;
  // Consent that expires ends a pair that was selected, too.
  if (is_state(pair, "failed")) return PairOutcome::Failed;
  if (pair.selected) return PairOutcome::Selected;
  if (is_state(pair, "succeeded")) return PairOutcome::Succeeded;
  if (pair.checks_sent > 0 && pair.checks_answered == 0) return PairOutcome::Failed;
  return pair.checks_sent + pair.checks_received > 0 ? PairOutcome::Open : PairOutcome::NotChecked;
}

// RFC 8445 §6.1.2.6 writes "In-Progress"; so are the others written that stand beside it.
std::string capitalized(std::string state) {
  bool begins = true;
  for (auto& c : state) {
    if (begins && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    begins = c == '-';
  }
  return state;
}

// Pair priorities have 63 bits (RFC 8445 §6.1.2.3): as text, the longer number is the larger.
bool better(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() > b.size() : a > b;
}

}  // namespace

std::string_view to_string(PairOutcome outcome) {
  switch (outcome) {
    case PairOutcome::Selected: return "selected";
    case PairOutcome::Succeeded: return "succeeded";
    case PairOutcome::Failed: return "failed";
    case PairOutcome::Open: return "undecided";
    case PairOutcome::NotChecked: return "not checked";
    case PairOutcome::Pruned: return "pruned";
  }
  return "undecided";
}

std::string checks_text(std::size_t count) {
  return fmt::format("{} check{}", count, count == 1 ? "" : "s");
}

std::string PairHistory::name_of(const Group& group) const {
  Group most;
  const auto note = [&](const Group& other) {
    most.stream = std::max(most.stream, other.stream);
    most.generation = std::max(most.generation, other.generation);
  };
  for (const auto* const cards : {&locals, &remotes}) {
    for (const auto& card : *cards) note(card.group);
  }
  for (const auto& pair : pairs) note(pair.group);
  std::string name;
  if (most.stream > 0) name = fmt::format("stream {}", group.stream + 1);
  if (most.generation > 0) {
    name += fmt::format("{}gen. {}", name.empty() ? "" : ", ", group.generation + 1);
  }
  return name;
}

PairHistory pair_history(const evidence::Evidence& evidence, std::string_view peer) {
  // The trace of a live run is one peer's: of the other there are only its checks.
  const bool is_told = std::ranges::any_of(evidence.trace, [&](const evidence::TraceEvent& event) {
    return event.vantage == peer && event.name.starts_with("ice:");
  });
  auto history = is_told ? history_from_trace(evidence, peer) : history_from_checks(evidence, peer);
  // Several pairs may have been selected, one after the other; the last is the one in use, or was
  // until the next generation had one.
  std::map<Group, const PairCard*> last;
  for (const auto& pair : history.pairs) {
    if (!pair.selected) continue;
    auto& latest = last[pair.group];
    if (latest == nullptr || *pair.selected >= *latest->selected) latest = &pair;
  }
  for (auto& pair : history.pairs) {
    pair.outcome = outcome(pair);
    for (auto& step : pair.steps) step.state = capitalized(std::move(step.state));
    if (pair.nominated) pair.steps.push_back({*pair.nominated, "Nominated", ""});
    if (pair.selected) pair.steps.push_back({*pair.selected, "Selected", pair.reason});
    std::ranges::stable_sort(pair.steps, {}, &PairStep::at);
    if (pair.outcome == PairOutcome::Selected && &pair != last[pair.group]) {
      pair.outcome = PairOutcome::Succeeded;
      pair.reason += "; later another pair was selected";
    }
  }
  std::ranges::stable_sort(history.pairs, [](const PairCard& a, const PairCard& b) {
    if (a.group != b.group) return a.group < b.group;
    if (a.outcome != b.outcome &&
        (a.outcome == PairOutcome::Pruned || b.outcome == PairOutcome::Pruned)) {
      return b.outcome == PairOutcome::Pruned;
    }
    if (a.priority != b.priority) return better(a.priority, b.priority);
    return a.outcome < b.outcome;
  });
  return history;
}

}  // namespace rtclab::diagrams
