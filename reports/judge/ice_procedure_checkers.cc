// RFC 8445 §6, §8 and §14: when checks leave, in which order, and how a pair is nominated.
#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "reports/judge/checkers.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <tuple>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;

struct Tuple {
  std::string agent;
  Endpoint local;
  Endpoint remote;
  friend auto operator<=>(const Tuple&, const Tuple&) = default;
};

Tuple tuple_of(const Docket& docket, const Transmission& check) {
  return {docket.name(check.from), check.source, check.destination};
}

// The generation that a check belongs to: a restart changes the fragments.
std::string generation_of(const Transmission& check) {
  const auto username = check.stun()->find<stun::Username>();
  return username ? username->value : std::string{};
}

// §14.2: whatever Ta is, an agent starts no two transactions within 5 ms. Consent goes its own way.
void check_pacing(const Docket& docket, Findings& findings) {
  std::map<std::string, const Transmission*> last;
  for (const auto* check : docket.checks()) {
    if (!docket.is_peer(check->from) || docket.is_consent(*check) || !docket.is_first_send(*check))
      continue;
    // Over TCP it is connections that are opened at that pace (RFC 6544 §7.1); a check follows when
    // its connection stands.
    if (check->is_tcp()) continue;
    const auto [entry, is_first] = last.try_emplace(docket.name(check->from), check);
    if (is_first) continue;
    const auto gap = check->sent - entry->second->sent;
    // A pair that takes over is asked for consent beside its nomination.
    const bool takes_over =
        docket.renominates() && tuple_of(docket, *check) == tuple_of(docket, *entry->second);
    entry->second = check;
    if (takes_over) continue;
    findings.check(gap + docket.tolerance() >= 5ms, *check,
                   fmt::format("check {:.3f} ms after the one before", milliseconds(gap)));
  }
}

void check_rto_floor(const Docket& docket, Findings& findings) {
  for (const auto* check : docket.checks()) {
    // Over TCP nothing is to be sent again at all (RFC 6544 §7.1).
    if (check->is_tcp() || docket.is_consent(*check) || !docket.is_first_send(*check)) continue;
    const auto sends = docket.sends_of(*check);
    if (sends.size() < 2) continue;
    const auto gap = sends[1]->sent - check->sent;
    findings.check(gap + docket.tolerance() >= 500ms, *sends[1],
                   fmt::format("check sent again after {:.3f} ms", milliseconds(gap)));
  }
}

// When the agent first got a success on each pair.
std::map<Tuple, Duration> first_successes(const Docket& docket) {
  std::map<Tuple, Duration> successes;
  for (const auto* check : docket.checks()) {
    const auto at = docket.answered_at(*check);
    if (!at) continue;
    const auto [entry, is_new] = successes.try_emplace(tuple_of(docket, *check), *at);
    if (!is_new) entry->second = std::min(entry->second, *at);
  }
  return successes;
}

// The first USE-CANDIDATE of a controlling agent on each pair and in each generation. What a
// controlled agent sends is §7.1.2's affair.
std::vector<const Transmission*> nominations(const Docket& docket) {
  std::vector<const Transmission*> found;
  std::set<std::pair<Tuple, std::string>> seen;
  for (const auto* check : docket.checks()) {
    if (!check->stun()->has<stun::UseCandidate>() || check->stun()->has<stun::IceControlled>())
      continue;
    if (seen.emplace(tuple_of(docket, *check), generation_of(*check)).second)
      found.push_back(check);
  }
  return found;
}

void check_nominates_valid(const Docket& docket, Findings& findings) {
  const auto successes = first_successes(docket);
  for (const auto* check : nominations(docket)) {
    const auto success = successes.find(tuple_of(docket, *check));
    const bool valid = success != successes.end() && success->second <= check->sent;
    findings.check(valid, *check,
                   fmt::format("USE-CANDIDATE to {} {}", check->destination.to_string(),
                               valid ? "after a check had passed" : "before any check had passed"));
  }
}

// Who announces renomination, and whose peer does, may nominate again
// (draft-thatcher-ice-renomination §3.1).
void check_nominates_one(const Docket& docket, Findings& findings) {
  if (docket.renominates()) return;
  std::map<std::pair<std::string, std::string>, Tuple> nominated;  // agent, generation
  for (const auto* check : nominations(docket)) {
    const auto tuple = tuple_of(docket, *check);
    const auto [entry, is_first] =
        nominated.try_emplace({tuple.agent, generation_of(*check)}, tuple);
    findings.check(
        is_first, *check,
        fmt::format("nominates {} from {}{}", tuple.remote.to_string(), tuple.local.to_string(),
                    is_first ? "" : " after " + entry->second.remote.to_string()));
  }
}

// From the trace: only the agent knows which of its pairs were waiting. A pair with a relayed local
// candidate may have to wait for its permission (§7.2.1), so that one is not held against an agent.
void check_highest_first(const Docket& docket, Findings& findings) {
  struct Pair {
    double priority = 0;
    std::string state;
    bool relayed = false;
    std::string stream;
    std::string local, remote;
    bool is_queued = false;  // its turn comes by the triggered-check queue, §6.1.4.2 step 1
  };
  std::map<std::pair<std::string, std::string>, Pair> pairs;          // agent, pair
  std::set<std::tuple<std::string, std::string, std::string>> asked;  // agent, local, remote
  for (const auto& event : docket.evidence().trace) {
    if (!event.name.starts_with("ice:")) continue;
    const std::pair key{event.vantage, event.text("pair")};
    if (event.name == "ice:pair_added") {
      pairs[key] = {event.number("priority").value_or(0),
                    event.text("state"),
                    event.text("local_type") == "relay",
                    event.text("stream"),
                    event.text("local"),
                    event.text("remote"),
                    asked.contains({event.vantage, event.text("local"), event.text("remote")})};
    } else if (event.name == "ice:check_received") {
      asked.insert({event.vantage, event.text("local"), event.text("remote")});
      for (auto& [name, pair] : pairs) {
        pair.is_queued |= name.first == event.vantage && pair.local == event.text("local") &&
                          pair.remote == event.text("remote") && pair.state != "succeeded";
      }
    } else if (event.name == "ice:check_list_dropped") {
      std::erase_if(pairs, [&](const auto& entry) {
        return entry.first.first == event.vantage && entry.second.stream == event.text("stream");
      });
    } else if (event.name == "ice:pair_state_changed") {
      pairs[key].state = event.text("to");
      if (pairs[key].state != "waiting") pairs[key].is_queued = false;
    } else if (event.name == "ice:pair_pruned") {
      pairs.erase(key);
    } else if (event.name == "ice:check_sent" && event.text("kind") == "ordinary") {
      const auto& own = pairs[key];
      // Within one check list: a restart has one of its own, beside the old one that may still run.
      const auto better = std::ranges::find_if(pairs, [&](const auto& entry) {
        return entry.first.first == event.vantage && entry.first != key && !entry.second.relayed &&
               entry.second.stream == own.stream && entry.second.state == "waiting" &&
               !entry.second.is_queued && entry.second.priority > own.priority;
      });
      findings.check_trace(
          better == pairs.end(), event,
          better == pairs.end()
              ? fmt::format("pair {} is the best of those that wait", key.second)
              : fmt::format("pair {} is checked while {} with a higher priority waits", key.second,
                            better->first.second));
    }
  }
}

// Both fragments of a check, whoever of the two names them first.
std::pair<std::string, std::string> fragments_of(const Transmission& check) {
  const auto username = generation_of(check);
  const auto colon = std::min(username.find(':'), username.size());
  auto first = username.substr(0, colon);
  auto second = username.substr(std::min(colon + 1, username.size()));
  if (second < first) std::swap(first, second);
  return {std::move(first), std::move(second)};
}

// §8.1.2: from the nomination on nothing but the selected pair is checked; what was under way may
// end, and what a check of the peer's triggers has its turn. Renomination, which both sides have to
// announce, knows no end.
void check_none_after_nomination(const Docket& docket, Findings& findings) {
  constexpr Duration kGrace = 5s;
  for (const auto& record : docket.descriptions()) {
    const auto& sdp = record.reading.description;
    if (!sdp.sections.empty() && sdp.section(0).has_ice_option("renomination")) return;
  }
  using Key = std::pair<std::string, std::pair<std::string, std::string>>;  // agent, generation
  std::map<Key, Duration> concluded;
  std::map<Key, std::set<Tuple>> nominated;
  std::map<Tuple, Duration> asked;  // when the peer last checked here
  for (const auto* check : docket.checks()) {
    if (check->received && docket.is_peer(check->to)) {
      asked[{docket.name(check->to), check->destination_as_received, check->source_as_received}] =
          *check->received;
    }
    const Key key{docket.name(check->from), fragments_of(*check)};
    const auto done = concluded.find(key);
    if (done != concluded.end() && docket.is_first_send(*check) &&
        check->sent > done->second + kGrace) {
      const auto trigger = asked.find(tuple_of(docket, *check));
      const bool triggered = trigger != asked.end() && check->sent - trigger->second < kGrace;
      const bool own = nominated[key].contains(tuple_of(docket, *check));
      if (own || !triggered) {
        findings.check(
            own, *check,
            own ? "check of a nominated pair"
                : fmt::format("check of {} → {}, {:.1f} s after another pair was nominated",
                              check->source.to_string(), check->destination.to_string(),
                              seconds(check->sent - done->second)));
      }
    }
    if (!check->stun()->has<stun::UseCandidate>()) continue;
    if (const auto at = docket.answered_at(*check)) {
      concluded.try_emplace(key, *at);
      nominated[key].insert(tuple_of(docket, *check));
      const Key other{docket.name(check->to), fragments_of(*check)};
      concluded.try_emplace(other, *at);
      nominated[other].insert(
          {docket.name(check->to), check->destination_as_received, check->source_as_received});
    }
  }
}

// §7.3 and §7.3.1: a check that is sound gets an answer. What is unanswered between two that are
// answered, on the same pair, was not lost on the way, and its receiver was there.
void check_answered(const Docket& docket, Findings& findings) {
  std::map<Tuple, std::vector<const Transmission*>> arrived;
  for (const auto* check : docket.checks()) {
    if (!check->received || check->carried || !docket.is_peer(check->to)) continue;
    const auto username = generation_of(*check);
    const auto* const key = docket.credential(username.substr(0, username.find(':')));
    const bool sound =
        key != nullptr && key->owner == docket.name(check->to) &&
        stun::check_integrity(check->payload, stun::short_term_key(key->pwd)) == stun::Check::Ok;
    if (sound)
      arrived[{docket.name(check->to), check->destination_as_received, check->source_as_received}]
          .push_back(check);
  }
  for (const auto& [tuple, checks] : arrived) {
    std::vector<bool> answered;
    for (const auto* check : checks) answered.push_back(!docket.replies_to(*check).empty());
    const auto first = std::ranges::find(answered, true);
    const auto last = std::find(answered.rbegin(), answered.rend(), true);
    if (first == answered.end()) continue;
    const auto begin = static_cast<std::size_t>(first - answered.begin());
    const auto end = answered.size() - static_cast<std::size_t>(last - answered.rbegin());
    for (std::size_t i = begin; i < end; ++i) {
      findings.check_of(
          tuple.agent, answered[i], *checks[i],
          answered[i] ? "answered a sound check" : "left a sound check without an answer");
    }
  }
}

// §8.2: who says a=ice-lite answers checks and sends none.
void check_lite_is_silent(const Docket& docket, Findings& findings) {
  std::set<std::string> lite;
  for (const auto& record : docket.descriptions()) {
    if (record.reading.description.ice_lite())
      lite.insert(docket.evidence().signalling[record.signalling].from);
  }
  if (lite.empty()) return;
  std::set<std::string> judged;
  for (const auto* check : docket.checks()) {
    if (lite.contains(docket.name(check->from)) && docket.is_first_send(*check)) {
      findings.broken(*check, "check from an agent that says it is lite");
    } else if (lite.contains(docket.name(check->to)) &&
               judged.insert(docket.name(check->to)).second) {
      findings.check_of(docket.name(check->to), true, *check, "was checked, being lite");
    }
  }
}

// RFC 8863 §4: no session fails before the time that a check may take is over: 39.5 s by default.
void check_patience(const Docket& docket, Findings& findings) {
  constexpr Duration kPatience = 39500ms;
  std::map<std::pair<std::string, std::string>, Duration> since;  // agent, stream
  std::map<std::string, Duration> described;  // when the agent heard of its peer
  for (const auto& event : docket.evidence().trace) {
    if (event.name == "peer:description_set" && event.text("which").ends_with("remote"))
      described.try_emplace(event.vantage, event.at);
    if (event.name != "ice:state_changed") continue;
    const std::pair key{event.vantage, event.text("stream")};
    const auto from = event.text("from");
    const auto to = event.text("to");
    // Coming back from "disconnected" is no new beginning.
    if (to == "checking") since.try_emplace(key, event.at);
    // Losing consent is another matter.
    if (to != "failed" || (from != "new" && from != "checking")) continue;
    const auto begun = since.find(key);
    const auto heard = described.find(event.vantage);
    if (begun == since.end() && heard == described.end()) continue;
    const auto waited = event.at - (begun != since.end() ? begun->second : heard->second);
    findings.check_trace(waited >= kPatience, event,
                         fmt::format("gives up after {:.1f} s", seconds(waited)));
  }
}

// §6.1.2.5: a hundred pairs at most, over all streams; a list may be longer until it is cut. What
// the answer to a check proves is a valid pair on no check list (§7.2.5.3.2), and is there as
// succeeded from the first.
void check_pair_limit(const Docket& docket, Findings& findings) {
  struct Agent {
    std::map<std::string, std::string> pairs;  // and their streams
    std::map<std::string, std::string> pruned;
    std::size_t most = 0;
    const evidence::TraceEvent* at = nullptr;
  };
  std::map<std::string, Agent> agents;
  Duration now{};
  const auto measure = [&] {
    for (auto& [name, agent] : agents) agent.most = std::max(agent.most, agent.pairs.size());
  };
  for (const auto& event : docket.evidence().trace) {
    if (!event.name.starts_with("ice:")) continue;
    if (event.at != now) measure();
    now = event.at;
    const auto pair = event.text("pair");
    if (event.name == "ice:pair_added" && event.text("state") != "succeeded") {
      agents[event.vantage].pairs[pair] = event.text("stream");
      agents[event.vantage].at = &event;
    }
    const auto found = agents.find(event.vantage);
    if (found == agents.end()) continue;
    auto& agent = found->second;
    if (event.name == "ice:pair_pruned") {
      if (auto node = agent.pairs.extract(pair)) agent.pruned.insert(std::move(node));
    }
    // A check of the peer's may bring back what was cut.
    if (event.name == "ice:check_sent") {
      if (auto node = agent.pruned.extract(pair)) agent.pairs.insert(std::move(node));
    }
    if (event.name == "ice:check_list_dropped") {
      std::erase_if(agent.pairs,
                    [&](const auto& entry) { return entry.second == event.text("stream"); });
    }
  }
  measure();
  for (const auto& [name, agent] : agents) {
    if (agent.at == nullptr) continue;
    findings.check_trace(agent.most <= 100, *agent.at, fmt::format("{} pairs at most", agent.most));
  }
}

// §8.3.1: what was not selected is kept for three seconds more.
void check_freed_late(const Docket& docket, Findings& findings) {
  std::map<std::string, Duration> nominated;
  for (const auto* t : docket.stun()) {
    if (docket.is_check(*t) && t->stun()->has<stun::UseCandidate>()) {
      if (const auto at = docket.answered_at(*t)) {
        nominated.try_emplace(docket.name(t->from), *at);
        // The controlled side knows when the check comes.
        nominated.try_emplace(docket.name(t->to), t->received.value_or(t->sent));
      }
    }
    const auto lifetime = t->stun()->find<stun::Lifetime>();
    if (!t->is(stun::Class::Request, stun::Method::Refresh) || !lifetime || lifetime->value != 0 ||
        !docket.is_first_send(*t)) {
      continue;
    }
    const auto since = nominated.find(docket.name(t->from));
    if (since == nominated.end() || t->sent < since->second) continue;
    findings.check(t->sent + docket.tolerance() >= since->second + 3s, *t,
                   fmt::format("frees a relay {:.3f} s after the nomination",
                               seconds(t->sent - since->second)));
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"ice-8445-6.1.2.5-limit-100", "RFC 8445", "6.1.2.5", Level::Must,
             "An agent has a hundred pairs at most."},
            "agents with pairs in a trace", check_pair_limit},
    Checker{{"ice-8445-6.1.4.2-highest-first", "RFC 8445", "6.1.4.2", Level::Must,
             "Among the pairs that wait for an ordinary check, the one with the highest priority goes first."},
            "ordinary checks in a trace", check_highest_first},
    Checker{{"ice-8445-7.3-answer", "RFC 8445", "7.3", Level::Must,
             "A sound check is answered."},
            "sound checks that arrived", check_answered},
    Checker{{"ice-8445-8.1.1-nominate-valid", "RFC 8445", "8.1.1", Level::Must,
             "Only a pair whose check has passed is nominated."},
            "nominations", check_nominates_valid},
    Checker{{"ice-8445-8.1.1-nominate-one", "RFC 8445", "8.1.1", Level::Must,
             "One pair is nominated in a session, and no other after it."},
            "nominations", check_nominates_one},
    Checker{{"ice-8445-8.1.2-remove-after", "RFC 8445", "8.1.2", Level::Must,
             "Once a pair is nominated no other is checked any more."},
            "checks long after a nomination", check_none_after_nomination},
    Checker{{"ice-8445-8.2-lite-silent", "RFC 8445", "8.2", Level::Must,
             "A lite agent sends no checks."},
            "agents that say they are lite", check_lite_is_silent},
    Checker{{"ice-8445-8.3.1-free-3s", "RFC 8445", "8.3.1", Level::Should,
             "A candidate that was not selected is kept for three seconds before it is freed."},
            "relays deleted after a nomination", check_freed_late},
    Checker{{"ice-8445-14.2-ta-floor", "RFC 8445", "14.2", Level::Must,
             "An agent starts no two checks within five milliseconds."},
            "checks that follow another", check_pacing},
    Checker{{"ice-8445-14.3-rto-floor", "RFC 8445", "14.3", Level::Must,
             "A check is sent again no sooner than 500 ms after the first time."},
            "resent checks", check_rto_floor},
    Checker{{"pac-8863-4-pac-timer", "RFC 8863", "4", Level::Must,
             "No session fails before 39.5 seconds, for the peer's checks may still come."},
            "sessions in a trace that failed", check_patience},
};
// clang-format on

}  // namespace

std::span<const Checker> ice_procedure_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
