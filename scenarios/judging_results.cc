#include "agents/base/text.h"
#include "scenarios/judging.h"
#include "scenarios/pattern.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::scenario::judging {
namespace {

// The first line for which `fits`; empty when there is none.
template <class Fits>
std::string find_line(const std::string& sdp, Fits fits) {
  for (auto line : split(sdp, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (fits(line)) return std::string{line};
  }
  return {};
}

Finding look_for_text(const ExpectStatistic& e, const Chronicle& chronicle) {
  const auto texts = chronicle.texts(e.type, {{"kind", e.kind}, {"rid", e.rid}}, e.member);
  return {texts.contains(*e.is), texts.empty() ? fmt::format("no {} has {}", e.type, e.member)
                                               : fmt::format("\"{}\"", fmt::join(texts, "\", \""))};
}

Finding without_judgements(const Account& account) {
  return {false, account.no_judgements.empty() ? "nothing was judged" : account.no_judgements};
}

}  // namespace

Finding find_out(const ExpectDescription& e, const Account& account) {
  auto at = Stamp::end_of(Instant{account.duration});
  if (e.at) {
    const auto found = find(*e.at, account);
    if (!found) return {false, to_string(*e.at) + " never came about"};
    // A bare time stands before what happens in it, and that belongs to it here.
    at = found->order == 0 ? Stamp::end_of(found->at) : *found;
  }
  const auto* const description = account.chronicles.at(e.peer).find_description(e.attribute, at);
  if (description == nullptr) return {e.type == "null", e.attribute + " = null"};
  const std::string type{to_string(description->type)};
  if (!e.type.empty() && e.type != type) return {false, "it is of type " + type};

  const auto holding = [](const std::string& text) {
    return [&text](std::string_view line) { return line.find(text) != std::string_view::npos; };
  };
  std::string seen = "of type " + type;
  if (e.contains) {
    const auto line = find_line(description->sdp, holding(*e.contains));
    if (line.empty()) return {false, fmt::format("no line of this {} holds it", type)};
    seen += fmt::format(", with the line {}", line);
  }
  if (e.lacks) {
    const auto line = find_line(description->sdp, holding(*e.lacks));
    if (!line.empty()) return {false, fmt::format("this {} has the line {}", type, line)};
  }
  if (e.matches) {
    const auto line = find_line(description->sdp, matcher(*e.matches));
    if (line.empty()) return {false, fmt::format("no line of this {} matches", type)};
    seen += fmt::format(", with the line {}", line);
  }
  return {true, seen};
}

Finding find_out(const ExpectTransceiver& e, const Account& account) {
  const auto* const found = account.chronicles.at(e.peer).find_transceiver(e.transceiver);
  if (found == nullptr)
    return {false, fmt::format("there is no transceiver \"{}\"", e.transceiver)};
  const bool met = (!e.current_direction || *e.current_direction == found->current_direction) &&
                   (!e.direction || *e.direction == found->direction) &&
                   (!e.track || *e.track == found->track) && (!e.muted || *e.muted == found->muted);
  std::vector<std::string> seen;
  if (e.current_direction) seen.push_back(found->current_direction);
  if (e.direction) seen.push_back("direction = " + found->direction);
  if (e.track) seen.push_back("track = " + found->track);
  if (e.muted) seen.emplace_back(found->muted ? "muted" : "not muted");
  return {met, fmt::format("{}", fmt::join(seen, ", "))};
}

Finding find_out(const ExpectTransceivers& e, const Account& account) {
  unsigned number = 0;
  std::vector<std::string> seen;
  for (const auto& each : account.chronicles.at(e.peer).transceivers()) {
    seen.push_back(each.kind + " " + each.current_direction);
    const bool fits =
        (e.kind.empty() || e.kind == each.kind) &&
        (e.current_direction.empty() || e.current_direction == each.current_direction);
    if (fits) ++number;
  }
  return {e.times.admits(number), seen.empty()
                                      ? "none at all"
                                      : fmt::format("{} among: {}", number, fmt::join(seen, ", "))};
}

Finding find_out(const ExpectStatistic& e, const Account& account) {
  const auto& chronicle = account.chronicles.at(e.peer);
  if (e.is) return look_for_text(e, chronicle);
  const auto sum = chronicle.statistic(e.type, {{"kind", e.kind}, {"rid", e.rid}}, e.member);
  return {sum && (!e.at_least || *sum >= *e.at_least) && (!e.at_most || *sum <= *e.at_most),
          sum ? fmt::format("{}", *sum) : fmt::format("no {} has {}", e.type, e.member)};
}

Finding find_out(const ExpectVerdict& e, const Account& account) {
  const auto found =
      std::ranges::find_if(account.judgements, [&](const judge::Judgement& judgement) {
        return judgement.requirement->id == e.requirement;
      });
  if (found == account.judgements.end()) return without_judgements(account);
  return {found->verdict == e.is, fmt::format("{}: {}", to_string(found->verdict), found->summary)};
}

Finding find_out(const ExpectVerdicts& e, const Account& account) {
  if (account.judgements.empty()) return without_judgements(account);
  constexpr std::size_t kShown = 5;
  std::vector<std::string> seen;
  std::size_t number = 0;
  for (const auto& judgement : account.judgements) {
    if (judgement.verdict != e.none || !judgement.requirement->id.starts_with(e.of)) continue;
    if (++number <= kShown)
      seen.push_back(fmt::format("{}: {}", judgement.requirement->id, judgement.summary));
  }
  return {number == 0, number == 0 ? "none"
                                   : fmt::format("{}: {}{}", number, fmt::join(seen, "; "),
                                                 number > kShown ? "; …" : "")};
}

}  // namespace rtclab::scenario::judging
