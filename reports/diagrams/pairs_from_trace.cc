#include "reports/diagrams/candidate_cards.h"
#include "reports/diagrams/pair_history.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

namespace rtclab::diagrams {

using evidence::TraceEvent;

namespace {

class TraceReader {
 public:
  explicit TraceReader(PairHistory& history)
      : history_{history}, locals_{history.locals}, remotes_{history.remotes} {}

  void take(const TraceEvent& event) {
    if (event.name == "ice:role_changed") history_.role = event.text("role");
    if (event.name == "ice:candidate_gathered") {
      note_generation(event);
      add_candidate(locals_, event, "gathered");
    }
    if (event.name == "ice:remote_candidate_added") {
      const bool learned = event.text("source") == "peer_reflexive";
      add_candidate(remotes_, event, learned ? "learned from a check" : "signalled");
    }
    if (event.name == "ice:pair_added") add_pair(event);
    if (event.name == "ice:pair_pruned") prune(event);
    if (event.name == "ice:check_received") note_received(event);
    if (auto* const pair = find(event)) note(event, *pair);
  }

 private:
  // A stream begins a generation with its first candidate under another fragment.
  void note_generation(const TraceEvent& event) {
    auto& stream = streams_[event.text("stream")];
    if (stream.fragments.empty()) stream.group.stream = streams_.size() - 1;
    const auto [place, is_new] = stream.fragments.insert(event.text("ufrag"));
    if (is_new) stream.group.generation = stream.fragments.size() - 1;
  }

  Group group_of(const TraceEvent& event) { return streams_[event.text("stream")].group; }

  void add_candidate(CandidateCards& cards, const TraceEvent& event, const std::string& origin) {
    const auto group = group_of(event);
    auto card = CandidateCards::parse(event.text("candidate"), origin, group);
    if (!card)
      card = CandidateCard{event.text("type"), event.text("address"), "", "", origin, group};
    cards.add(std::move(*card));
  }

  // Of a pair's end: the candidate's address, or its base's.
  std::size_t end_of_pair(CandidateCards& cards, const TraceEvent& event, const char* side,
                          std::string origin) {
    const auto group = group_of(event);
    const auto address = event.text(side);
    const auto endpoint = Endpoint::parse(address);
    const bool tcp = event.text("transport") == "tcp";
    if (endpoint) {
      const auto transport = tcp ? Transport::Tcp : Transport::Udp;
      if (const auto known = cards.find(group, transport, *endpoint)) return *known;
      if (const auto active = cards.find_active(group, endpoint->ip); tcp && active) return *active;
    }
    return cards.add({event.text(std::string{side} + "_type"), address + (tcp ? "/tcp" : ""), "",
                      "", std::move(origin), group});
  }
  std::size_t local(const TraceEvent& event) {
    return end_of_pair(locals_, event, "local", "base of a pair");
  }
  std::size_t remote(const TraceEvent& event) { return end_of_pair(remotes_, event, "remote", ""); }

  void add_pair(const TraceEvent& event) {
    PairCard pair;
    pair.id = event.text("pair");
    pair.group = group_of(event);
    pair.local = local(event);
    pair.remote = remote(event);
    pair.priority = event.text("priority");
    pair.steps.push_back({event.at, event.text("state"), event.text("reason")});
    index_[pair.id] = history_.pairs.size();
    history_.pairs.push_back(std::move(pair));
  }

  // Pruned before it had a number, or taken out of the list again.
  void prune(const TraceEvent& event) {
    const auto found = index_.find(event.text("pair"));
    PairCard fresh;
    fresh.group = group_of(event);
    fresh.local = local(event);
    fresh.remote = remote(event);
    auto& pair = found != index_.end() ? history_.pairs[found->second]
                                       : history_.pairs.emplace_back(std::move(fresh));
    pair.outcome = PairOutcome::Pruned;
    pair.reason = event.text("reason");
    pair.steps.push_back({event.at, "pruned", event.text("reason")});
  }

  void note_received(const TraceEvent& event) {
    const auto group = group_of(event);
    for (auto& pair : history_.pairs) {
      const bool is_it = pair.group == group &&
                         history_.locals[pair.local].address == event.text("local") &&
                         history_.remotes[pair.remote].address == event.text("remote");
      if (is_it) ++pair.checks_received;
    }
  }

  PairCard* find(const TraceEvent& event) {
    const auto found = index_.find(event.text("pair"));
    return found == index_.end() ? nullptr : &history_.pairs[found->second];
  }

  // The end of a check has many names; only a response is an answer.
  static void take_outcome(const TraceEvent& event, PairCard& pair) {
    const auto outcome = event.text("outcome");
    if (outcome.starts_with("ICMP")) ++pair.checks_unreachable;
    if (outcome != "success" && !outcome.starts_with("error")) return;
    ++pair.checks_answered;
    if (!pair.round_trip) pair.round_trip = event.number("rtt_ms");
  }

  static void note(const TraceEvent& event, PairCard& pair) {
    if (event.name == "ice:pair_state_changed") {
      pair.steps.push_back({event.at, event.text("to"), event.text("reason")});
      if (!event.text("reason").empty()) pair.reason = event.text("reason");
    }
    if (event.name == "ice:check_sent") ++pair.checks_sent;
    if (event.name == "ice:check_answered") {
      take_outcome(event, pair);
    }
    if (event.name == "ice:pair_nominated" && !pair.nominated) pair.nominated = event.at;
    if (event.name == "ice:pair_selected") {
      pair.selected = event.at;
      pair.reason = event.text("reason");
    }
  }

  PairHistory& history_;
  CandidateCards locals_;
  CandidateCards remotes_;
  struct Stream {
    Group group;
    std::set<std::string> fragments;
  };
  std::map<std::string, std::size_t> index_;
  std::map<std::string, Stream> streams_;
};

}  // namespace

PairHistory history_from_trace(const evidence::Evidence& evidence, std::string_view peer) {
  PairHistory history;
  history.peer = peer;
  TraceReader reader{history};
  for (const auto& event : evidence.trace) {
    if (event.vantage == peer && event.name.starts_with("ice:")) reader.take(event);
  }
  return history;
}

}  // namespace rtclab::diagrams
