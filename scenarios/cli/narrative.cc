#include "scenarios/cli/narrative.h"

#include "reports/evidence/evidence.h"
#include "scenarios/runner.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

namespace rtclab::cli {
namespace {

using page::SummaryRow;
using scenario::StepOutcome;
using Rows = std::vector<SummaryRow>;
using enum SummaryRow::Mood;

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// Times are told from the first createOffer: what came before is the scenario's own pause.
Instant call_begins(const Story& story) {
  const auto& steps = story.scenario.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (std::holds_alternative<scenario::CreateOffer>(steps[i].action)) return story.result.steps[i].began;
  }
  return Instant{};
}

// The later of the two ends: connected means that both are.
std::optional<Instant> connected_at(const Story& story) {
  std::optional<Instant> last;
  for (const auto& [name, chronicle] : story.result.chronicles) {
    const auto at = chronicle.reached(scenario::StateCondition{name, "connectionState", "connected"});
    if (!at) return std::nullopt;
    if (!last || *at > *last) last = at;
  }
  return last;
}

void tell_connection(Rows& rows, const Story& story) {
  if (const auto at = connected_at(story)) {
    rows.push_back({"connected",
                    fmt::format("{:.3f} s after the offer was asked for", seconds(*at - call_begins(story))), Good});
    return;
  }
  std::vector<std::string> states;
  for (const auto& [name, chronicle] : story.result.chronicles) {
    states.push_back(name + ": " + chronicle.seen(scenario::StateCondition{name, "connectionState", {}}));
  }
  rows.push_back({"not connected", fmt::format("{}", fmt::join(states, ", ")), Bad});
}

// The agent that controls is the one that had a reason to nominate; the other only followed (RFC 8445 §8.1.1).
std::string why(const Story& story, const scenario::SelectedPair& pair) {
  std::optional<std::pair<std::string, scenario::Nomination>> decided;
  for (const auto& [name, chronicle] : story.result.chronicles) {
    for (const auto& nomination : chronicle.nominations()) {
      if (nomination.reason.find("controlling peer") != std::string::npos) continue;
      if (!decided || nomination.at > decided->second.at) decided.emplace(name, nomination);
    }
  }
  if (!decided) return pair.reason;
  return fmt::format("{} nominated it: {}", decided->first, decided->second.reason);
}

void tell_path(Rows& rows, const Story& story) {
  const auto& peers = story.scenario.peers;
  const auto& pairs = story.result.chronicles.at(peers.front().name).selected_pairs();
  if (pairs.empty()) {
    rows.push_back({"path", "none: no pair of candidates was selected"});
    return;
  }
  const auto& pair = pairs.back();
  const auto other = peers.size() == 2 ? peers.back().name : std::string{"peer"};
  rows.push_back({"path", fmt::format("{} {} ({})  ⇄  {} {} ({})", peers.front().name, pair.local, pair.local_type,
                                      other, pair.remote, pair.remote_type)});
  rows.push_back({"why", why(story, pair)});
}

void tell_channels(Rows& rows, const Story& story) {
  std::map<std::string, std::vector<std::string>> received;  // by label: "alice got 1"
  std::map<std::string, std::optional<Instant>> opened;      // at both ends
  for (const auto& [name, chronicle] : story.result.chronicles) {
    for (const auto& [label, channel] : chronicle.channels()) {
      received[label].push_back(fmt::format("{} got {}", name, channel.received.size()));
      const auto open = channel.reached.find("open");
      if (open != channel.reached.end()) opened[label] = std::max(opened[label], std::optional{open->second});
    }
  }
  for (const auto& [label, counts] : received) {
    const auto& at = opened[label];
    rows.push_back(
        {"channel", fmt::format("\"{}\" {}; messages: {}", label,
                                at ? fmt::format("open after {:.3f} s", seconds(*at - call_begins(story)))
                                   : std::string{"never opened"},
                                fmt::join(counts, ", "))});
  }
}

void tell_network(Rows& rows, const Story& story) {
  std::map<std::string, unsigned> stopped;  // "filtered by home-b" -> how many
  for (const auto& datagram : story.evidence.datagrams) {
    if (datagram.fate == evidence::Fate::Lost) ++stopped["lost on " + datagram.dropped_at];
    if (datagram.fate == evidence::Fate::Filtered) ++stopped["filtered by " + datagram.dropped_at];
  }
  std::vector<std::string> parts{fmt::format("{} packets", story.evidence.datagrams.size())};
  for (const auto& [how, count] : stopped) parts.push_back(fmt::format("{} {}", count, how));
  if (stopped.empty()) parts.emplace_back("none lost");
  rows.push_back({"network", fmt::format("{}", fmt::join(parts, ", "))});
}

void tell_verdicts(Rows& rows, const Story& story) {
  const auto count = [&](judge::Verdict verdict) {
    return std::ranges::count(story.judgements, verdict, &judge::Judgement::verdict);
  };
  const auto failed = count(judge::Verdict::Fail);
  rows.push_back({"verdicts",
                  fmt::format("{} pass, {} fail, {} advice, {} did not come up", count(judge::Verdict::Pass), failed,
                              count(judge::Verdict::Advice), count(judge::Verdict::Inconclusive)),
                  failed == 0 ? Good : Bad});
  for (const auto& judgement : story.judgements) {
    if (judgement.verdict != judge::Verdict::Fail) continue;
    const auto& rule = *judgement.requirement;
    rows.push_back({"✗", fmt::format("{} §{}: {} ({})", rule.spec, rule.section, judgement.summary, rule.id), Bad});
  }
}

std::string_view why_not_done(const StepOutcome& step) {
  switch (step.state) {
    case StepOutcome::State::NotBegun: return "its turn never came";
    case StepOutcome::State::Running: return "it had not ended when the run did";
    case StepOutcome::State::Done:
    case StepOutcome::State::Failed: return step.detail;
  }
  __builtin_unreachable();
}

void tell_expectations(Rows& rows, const Story& story) {
  const auto& expectations = story.result.expectations;
  const auto met = std::ranges::count_if(expectations, &scenario::ExpectationOutcome::met);
  rows.push_back({"expected", fmt::format("{} of {} came true", met, expectations.size()),
                  story.result.as_expected() ? Good : Bad});
  for (const auto& step : story.result.steps) {
    if (step.state == StepOutcome::State::Done) continue;
    rows.push_back({"✗", fmt::format("line {}: {}: {}", step.line, step.what, why_not_done(step)), Bad});
  }
  for (const auto& outcome : expectations) {
    if (outcome.met) continue;
    rows.push_back({"✗", fmt::format("line {}: {}; instead: {}", outcome.line, outcome.expected, outcome.seen), Bad});
  }
}

Style style_of(SummaryRow::Mood mood) {
  switch (mood) {
    case Neutral: return Style::Faint;
    case Good: return Style::Good;
    case Bad: return Style::Bad;
  }
  __builtin_unreachable();
}

}  // namespace

std::vector<SummaryRow> tell(const Story& story) {
  Rows rows;
  tell_connection(rows, story);
  tell_path(rows, story);
  tell_channels(rows, story);
  tell_network(rows, story);
  tell_verdicts(rows, story);
  tell_expectations(rows, story);
  return rows;
}

void print(const Console& console, const std::vector<SummaryRow>& rows) {
  for (const auto& row : rows) {
    // {:<14} counts characters; the labels hold none that is wider than one column.
    fmt::print(console.out(), "  {} {}\n", console.styled(fmt::format("{:<14}", row.label), style_of(row.mood)),
               row.text);
  }
}

}  // namespace rtclab::cli
