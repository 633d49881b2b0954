#include "scenarios/cli/narrative.h"

#include "reports/evidence/evidence.h"
#include "reports/evidence/media_streams.h"
#include "scenarios/runner.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <iterator>
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

// "0.409 s", "3.25 h", "6.00 d".
std::string length_of_time(Duration length) {
  const auto hours = seconds(length) / 3600;
  if (hours < 1) return fmt::format("{:.3f} s", seconds(length));
  return hours < 48 ? fmt::format("{:.2f} h", hours) : fmt::format("{:.2f} d", hours / 24);
}

using Chronicles = scenario::Chronicles;
using Names = std::vector<std::string>;

bool is_among(const Names& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// Times are told from the first createOffer of theirs: what came before is the scenario's own
// pause.
Instant call_begins(const Story& story, const Names& names) {
  const auto& steps = story.scenario.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto* const offer = std::get_if<scenario::CreateOffer>(&steps[i].action);
    if (offer != nullptr && is_among(names, offer->peer)) return story.result.steps[i].began;
  }
  return Instant{};
}

std::string state_of(const std::string& peer, const scenario::Chronicle& chronicle) {
  return peer + ": " + chronicle.seen(scenario::StateCondition{peer, "connectionState", {}});
}

// The peers that had anything to do with a call; a scenario may keep somebody idle.
Names callers(const Story& story) {
  Names found;
  for (const auto& [name, chronicle] : story.result.chronicles) {
    const bool idle = chronicle.holds(scenario::StateCondition{name, "connectionState", "new"});
    if (!idle) found.push_back(name);
  }
  return found;
}

// Who spoke with whom, each call by its two ends, the one that spoke first before the other. Where
// the signalling is not known, all that called are one call.
std::vector<Names> calls(const Story& story) {
  std::vector<Names> found;
  const auto peers = callers(story);
  if (story.evidence != nullptr) {
    for (const auto& message : story.evidence->signalling) {
      if (!is_among(peers, message.from) || !is_among(peers, message.to)) continue;
      const Names ends{message.from, message.to};
      const bool known = std::ranges::any_of(
          found, [&](const Names& call) { return std::ranges::is_permutation(call, ends); });
      if (!known) found.push_back(ends);
    }
  }
  if (found.size() < 2) return {peers};
  return found;
}

// Connected means that both ends are, so the later one counts; and a call that died is not told as
// a success.
void tell_connection(Rows& rows, const Story& story, const Names& call, std::string_view whose) {
  std::optional<Instant> last;
  Names not_now;
  bool all = true;
  for (const auto& name : call) {
    const auto& chronicle = story.result.chronicles.at(name);
    const scenario::StateCondition connected{name, "connectionState", "connected"};
    const auto at = chronicle.reached(connected);
    if (at)
      last = std::max(last.value_or(*at), *at);
    else
      all = false;
    if (!chronicle.holds(connected)) not_now.push_back(state_of(name, chronicle));
  }
  if (call.empty() || !all) {
    rows.push_back({"not connected",
                    not_now.empty() ? "nobody called" : fmt::format("{}", fmt::join(not_now, ", ")),
                    Bad});
    return;
  }
  const auto after = fmt::format("{}{} after the offer was asked for", whose,
                                 length_of_time(*last - call_begins(story, call)));
  if (not_now.empty()) {
    rows.push_back({"connected", after, Good});
  } else {
    rows.push_back(
        {"connected", fmt::format("{}, but at the end {}", after, fmt::join(not_now, ", ")), Bad});
  }
}

// The agent that controls is the one that had a reason to nominate; the other only followed (RFC
// 8445 §8.1.1).
std::string why(const Story& story, const Names& call, const scenario::SelectedPair& pair) {
  std::optional<std::pair<std::string, scenario::Nomination>> decided;
  for (const auto& name : call) {
    for (const auto& nomination : story.result.chronicles.at(name).nominations()) {
      if (nomination.reason.find("controlling peer") != std::string::npos) continue;
      if (!decided || nomination.at > decided->second.at) decided.emplace(name, nomination);
    }
  }
  if (!decided) return pair.reason;
  return fmt::format("{} nominated it: {}", decided->first, decided->second.reason);
}

void tell_path(Rows& rows, const Story& story, const Names& call, std::string_view whose) {
  for (const auto& name : call) {
    const auto& selected = story.result.chronicles.at(name).selected_pairs();
    if (selected.empty()) continue;
    const auto& pair = selected.back();
    const auto other = std::ranges::find_if(call, [&](const auto& peer) { return peer != name; });
    rows.push_back(
        {"path", fmt::format("{} {} ({})  ⇄  {} {} ({})", name, pair.local, pair.local_type,
                             call.size() == 2 ? *other : "peer", pair.remote, pair.remote_type)});
    rows.push_back({"why", why(story, call, pair)});
    return;
  }
  rows.push_back({"path", fmt::format("{}none: no pair of candidates was selected", whose)});
}

// What each call came to; with one only, nobody has to be named.
void tell_calls(Rows& rows, const Story& story) {
  const auto all = calls(story);
  for (const auto& call : all) {
    const auto whose =
        all.size() > 1 ? fmt::format("{}: ", fmt::join(call, " and ")) : std::string{};
    tell_connection(rows, story, call, whose);
    tell_path(rows, story, call, whose);
  }
}

void tell_channels(Rows& rows, const Story& story) {
  struct Told {
    Names received;               // "alice got 1"
    Names never;                  // whose end never opened
    std::optional<Instant> open;  // at the later end
    Names ends;
  };
  std::map<std::string, Told> channels;  // by label
  for (const auto& [name, chronicle] : story.result.chronicles) {
    for (const auto& [label, channel] : chronicle.channels()) {
      auto& told = channels[label];
      told.ends.push_back(name);
      told.received.push_back(fmt::format("{} got {}", name, channel.received.size()));
      const auto open = chronicle.reached(scenario::ChannelCondition{name, label, "open"});
      if (open)
        told.open = std::max(told.open, open);
      else
        told.never.push_back(name);
    }
  }
  for (const auto& [label, told] : channels) {
    auto text = told.open ? fmt::format("open after {}",
                                        length_of_time(*told.open - call_begins(story, told.ends)))
                          : std::string{"never opened"};
    if (told.open && !told.never.empty())
      text += fmt::format(", never at {}", fmt::join(told.never, " and "));
    rows.push_back({"channel", fmt::format("\"{}\" {}; messages: {}", label, text,
                                           fmt::join(told.received, ", "))});
  }
}

std::string told(const evidence::MediaStream& stream) {
  const auto lost = std::ranges::count_if(stream.packets, &evidence::MediaPacket::lost);
  const auto repaired = std::ranges::count_if(
      stream.packets, [](const auto& packet) { return packet.repaired.has_value(); });
  auto text = fmt::format("{} {} packets", stream.name(), stream.packets.size());
  if (lost > 0) text += fmt::format(", {} lost", lost);
  if (repaired > 0) text += fmt::format(", {} of them came again", repaired);
  return text;
}

void tell_media(Rows& rows, const evidence::Evidence& evidence,
                const std::vector<evidence::MediaStream>& streams) {
  for (auto from = streams.begin(); from != streams.end();) {
    const auto to = std::find_if(from, streams.end(),
                                 [&](const auto& stream) { return stream.from != from->from; });
    std::vector<std::string> parts;
    std::transform(from, to, std::back_inserter(parts), told);
    rows.push_back({"media", fmt::format("from {}: {}", evidence.parties[from->from].name,
                                         fmt::join(parts, "; "))});
    from = to;
  }
}

void tell_network(Rows& rows, const evidence::Evidence& evidence) {
  std::map<std::string, unsigned> stopped;  // "filtered by home-b" -> how many
  for (const auto& datagram : evidence.datagrams) {
    // Without a place it was still under way when the evidence ended.
    if (datagram.dropped_at.empty()) continue;
    if (datagram.fate == evidence::Fate::Lost) ++stopped["lost on " + datagram.dropped_at];
    if (datagram.fate == evidence::Fate::Filtered) ++stopped["filtered by " + datagram.dropped_at];
  }
  std::vector<std::string> parts{fmt::format("{} packets", evidence.datagrams.size())};
  for (const auto& [how, count] : stopped) parts.push_back(fmt::format("{} {}", count, how));
  if (stopped.empty()) parts.emplace_back("none lost");
  rows.push_back({"network", fmt::format("{}", fmt::join(parts, ", "))});
}

void tell_verdicts(Rows& rows, const Story& story) {
  const auto failed =
      std::ranges::count(story.judgements, judge::Verdict::Fail, &judge::Judgement::verdict);
  rows.push_back({"verdicts", judge::count_of(story.judgements), failed == 0 ? Good : Bad});
  for (const auto& judgement : story.judgements) {
    if (judgement.verdict != judge::Verdict::Fail) continue;
    const auto& rule = *judgement.requirement;
    rows.push_back(
        {"✗", fmt::format("{} §{}: {} ({})", rule.spec, rule.section, judgement.summary, rule.id),
         Bad});
  }
}

// What was done to the network, and when: nothing else in the account says it.
void tell_changes(Rows& rows, const Story& story) {
  for (std::size_t i = 0; i < story.result.steps.size(); ++i) {
    const auto& step = story.result.steps[i];
    if (step.state != StepOutcome::State::Done ||
        !scenario::is_of_network(story.scenario.steps[i].action))
      continue;
    rows.push_back(
        {"changed", fmt::format("{}, at {}", step.what, length_of_time(step.began - Instant{}))});
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
    rows.push_back(
        {"✗", fmt::format("line {}: {}: {}", step.line, step.what, why_not_done(step)), Bad});
  }
  for (const auto& outcome : expectations) {
    if (outcome.met) continue;
    rows.push_back(
        {"✗", fmt::format("line {}: {}; instead: {}", outcome.line, outcome.expected, outcome.seen),
         Bad});
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
  tell_calls(rows, story);
  tell_changes(rows, story);
  tell_channels(rows, story);
  if (story.evidence != nullptr) {
    tell_media(rows, *story.evidence, story.media);
    tell_network(rows, *story.evidence);
    tell_verdicts(rows, story);
  }
  tell_expectations(rows, story);
  return rows;
}

void print(const Console& console, const std::vector<SummaryRow>& rows) {
  for (const auto& row : rows) {
    // {:<14} counts characters; the labels hold none that is wider than one column.
    fmt::print(console.out(), "  {} {}\n",
               console.styled(fmt::format("{:<14}", row.label), style_of(row.mood)), row.text);
  }
}

}  // namespace rtclab::cli
