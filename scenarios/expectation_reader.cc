// <expect>: which element is read by whom, and those that say little.
#include "reports/judge/judge.h"
#include "scenarios/expectation_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rtclab::scenario::reading {
namespace {

using xml::Element;

const std::vector<std::string> kKindsOfMedia{"audio", "video"};
const std::vector<std::string> kDirectionsShown{"sendrecv", "sendonly", "recvonly", "inactive",
                                                "stopped"};

Expectation read_event(const Element& element, const Names& names, const Loaded& loaded) {
  return ExpectEvent{read_event_filter(element, "type", names, loaded), read_times(element),
                     read_window(element, names, loaded)};
}

Expectation read_record(const Element& element, const Names& names, const Loaded& loaded) {
  return ExpectRecord{read_record_filter(element, "event", loaded), read_times(element),
                      read_window(element, names, loaded, ByIs::Somebody)};
}

Expectation read_message(const Element& element, const Names& names, const Loaded& loaded) {
  return ExpectMessage{read_message_filter(element, names, loaded),
                       read_times(element, Times{1, std::nullopt}),
                       read_window(element, names, loaded)};
}

// Who sends is clear where there are two.
std::string read_sender(const Element& element, const std::string& peer, const Loaded& loaded) {
  if (element.has("sender")) {
    auto sender = read_peer_name(element, "sender", loaded);
    if (sender == peer) element.complain_value("sender", "the peer at the other end");
    return sender;
  }
  auto others = names_of(loaded.scenario.peers);
  std::erase(others, peer);
  if (others.size() == 1) return others.front();
  element.complain(
      "expected sender=\"…\": with more than two peers it is to be said whose messages");
  return peer;
}

Expectation read_messages(const Element& element, const Names& names, const Loaded& loaded) {
  ExpectMessages messages{.peer = read_peer_name(element, "peer", loaded),
                          .channel = names.channel(element),
                          .in_order = element.yes_no("inOrder", false),
                          .once = element.yes_no("once", false),
                          .complete = element.yes_no("complete", false),
                          .window = read_window(element, names, loaded)};
  if (has_times(element)) messages.times = read_times(element);
  const bool compares = messages.in_order || messages.once || messages.complete;
  if (compares || element.has("sender"))
    messages.from = read_sender(element, messages.peer, loaded);
  if (!compares && messages.times.is_any()) {
    element.complain(
        "expected what is to be so: how many (count, atLeast, atMost, never), inOrder, once or "
        "complete");
  }
  return messages;
}

Expectation read_transceiver(const Element& element, const Names& names, const Loaded& loaded) {
  const auto peer = read_peer_name(element, "peer", loaded);
  ExpectTransceiver transceiver{.peer = peer, .transceiver = names.transceiver(element, peer)};
  const auto word = [&](std::string_view attribute, const std::vector<std::string>& known) {
    return element.has(attribute) ? std::optional{read_word(element, attribute, known)}
                                  : std::nullopt;
  };
  transceiver.current_direction = word("currentDirection", kDirectionsShown);
  transceiver.direction = word("direction", kDirectionsShown);
  if (element.has("track")) {
    const auto track = element.text("track");
    transceiver.track = track == "null" ? track : names.track(element, peer);
  }
  if (element.has("muted")) transceiver.muted = element.yes_no("muted", false);
  const bool says_something = transceiver.current_direction || transceiver.direction ||
                              transceiver.track || transceiver.muted;
  if (!says_something)
    element.complain("expected what it has come to: currentDirection, direction, track or muted");
  return transceiver;
}

Expectation read_transceivers(const Element& element, const Names& /*names*/,
                              const Loaded& loaded) {
  return ExpectTransceivers{
      .peer = read_peer_name(element, "peer", loaded),
      .kind = read_word(element, "kind", kKindsOfMedia),
      .current_direction = read_word(element, "currentDirection", kDirectionsShown),
      .times = read_times(element)};
}

constexpr std::array kVerdicts{judge::Verdict::Pass, judge::Verdict::Fail, judge::Verdict::Advice,
                               judge::Verdict::Declared, judge::Verdict::Inconclusive};

Expectation read_verdict(const Element& element, const Names& /*names*/, const Loaded& /*loaded*/) {
  ExpectVerdict verdict{.requirement = element.text("requirement")};
  std::vector<std::string> ids;
  for (const auto& requirement : judge::requirements()) ids.emplace_back(requirement.id);
  // There are hundreds: the nearest is enough.
  if (!is_one_of(verdict.requirement, ids)) {
    element.complain("requirement", nearest("requirement", verdict.requirement, ids) +
                                        "; \"rtclab list requirements\" shows them all");
  }
  std::vector<std::string> words;
  for (const auto each : kVerdicts) words.emplace_back(to_string(each));
  const auto is = read_word(element, "is", words);
  const auto index = std::ranges::find(words, is) - words.begin();
  if (index < std::ssize(words)) verdict.is = kVerdicts.at(static_cast<std::size_t>(index));
  return verdict;
}

Expectation read_verdicts(const Element& element, const Names& /*names*/,
                          const Loaded& /*loaded*/) {
  ExpectVerdicts verdicts{.of = element.text("of", "")};
  std::size_t said = 0;
  for (const auto verdict : kVerdicts) {
    if (!element.has(to_string(verdict))) continue;
    ++said;
    verdicts.none = verdict;
    (void)read_word(element, to_string(verdict), {"none"});
  }
  if (said != 1)
    element.complain("expected one of fail, advice, declared and inconclusive to be \"none\"");
  const bool is_family = std::ranges::any_of(judge::requirements(), [&](const auto& requirement) {
    return requirement.id.starts_with(verdicts.of);
  });
  if (!is_family)
    element.complain_value("of", "what ids of requirements begin with, such as \"turn\"");
  return verdicts;
}

using Read = Expectation (*)(const Element&, const Names&, const Loaded&);
struct Reader {
  std::string_view element;
  Read read;
};
constexpr std::array kReaders{
    Reader{"state", read_state},
    Reader{"states", read_states},
    Reader{"duration", read_duration},
    Reader{"step", read_step},
    Reader{"selectedPair", read_selected_pair},
    Reader{"selectedPairs", read_selected_pairs},
    Reader{"candidates", read_candidates},
    Reader{"event", read_event},
    Reader{"recorded", read_record},
    Reader{"message", read_message},
    Reader{"messages", read_messages},
    Reader{"sessionDescription", read_description},
    Reader{"transceiver", read_transceiver},
    Reader{"transceivers", read_transceivers},
    Reader{"statistic", read_statistic},
    Reader{"verdict", read_verdict},
    Reader{"verdicts", read_verdicts},
};

}  // namespace

void read_expectations(const Element& expect, const Names& names, Loaded& loaded) {
  std::vector<Element> elements;
  for (const auto& element : expect.children()) {
    const auto* const reader = std::ranges::find(kReaders, element.name(), &Reader::element);
    if (reader == kReaders.end()) continue;  // the grammar has refused it
    loaded.scenario.expectations.push_back({reader->read(element, names, loaded), element.line()});
    elements.push_back(element);
  }
  refuse_contradictions(elements, loaded.scenario);
}

}  // namespace rtclab::scenario::reading
