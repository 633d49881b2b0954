// RFC 8445 §6, §8, §14 and §16: when checks leave, in which order, and how a pair is nominated.
#include "agents/stun/attributes.h"
#include "reports/judge/checkers.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;
using stun::Class;

double milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

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
  std::set<Tuple> nominated;
  for (const auto* check : docket.checks()) {
    if (!docket.is_first_send(*check) || !docket.is_peer(check->from)) continue;
    const auto tuple = tuple_of(docket, *check);
    if (nominated.contains(tuple)) continue;
    if (check->stun()->has<stun::UseCandidate>() && docket.answer_to(*check) != nullptr) nominated.insert(tuple);
    const auto [entry, is_first] = last.try_emplace(tuple.agent, check);
    if (is_first) continue;
    const auto gap = check->sent - entry->second->sent;
    entry->second = check;
    findings.check(gap + docket.tolerance() >= 5ms, *check,
                   fmt::format("check {:.3f} ms after the one before", milliseconds(gap)));
  }
}

void check_rto_floor(const Docket& docket, Findings& findings) {
  std::map<stun::TransactionId, const Transmission*> first;
  std::set<stun::TransactionId> judged;
  for (const auto* check : docket.checks()) {
    const auto [entry, is_first] = first.try_emplace(check->stun()->transaction, check);
    if (is_first || !judged.insert(check->stun()->transaction).second) continue;
    const auto gap = check->sent - entry->second->sent;
    findings.check(gap + docket.tolerance() >= 500ms, *check,
                   fmt::format("check resent after {:.3f} ms", milliseconds(gap)));
  }
}

void check_tie_breaker(const Docket& docket, Findings& findings) {
  struct Value {
    std::uint64_t number;
    std::string generation;
  };
  std::map<std::string, Value> values;
  for (const auto* t : docket.stun()) {
    if (t->stun()->cls == Class::Error) {
      const auto code = t->stun()->find<stun::ErrorCode>();
      if (code && code->code == 487) values.erase(docket.name(t->to));  // §7.2.5.1: draws a new one
    }
    if (std::ranges::find(docket.checks(), t) == docket.checks().end()) continue;
    const auto controlling = t->stun()->find<stun::IceControlling>();
    const auto controlled = t->stun()->find<stun::IceControlled>();
    if (!controlling && !controlled) continue;
    const auto value = controlling ? controlling->value : controlled->value;
    const auto [entry, is_first] = values.try_emplace(docket.name(t->from), Value{value, generation_of(*t)});
    if (is_first) continue;
    if (entry->second.generation != generation_of(*t)) {
      entry->second = {value, generation_of(*t)};
      continue;
    }
    findings.check(entry->second.number == value, *t,
                   entry->second.number == value ? "the same tie-breaker" : "another tie-breaker than before");
  }
}

// Whether the agent had got a success on this pair before `when`.
bool succeeded_before(const Docket& docket, const Tuple& tuple, Duration when) {
  return std::ranges::any_of(docket.checks(), [&](const Transmission* check) {
    if (check->sent >= when || tuple_of(docket, *check) != tuple) return false;
    const auto* const answer = docket.answer_to(*check);
    return answer != nullptr && answer->received.value_or(answer->sent) <= when;
  });
}

void check_nominates_valid(const Docket& docket, Findings& findings) {
  std::set<std::pair<Tuple, std::string>> seen;
  for (const auto* check : docket.checks()) {
    if (!check->stun()->has<stun::UseCandidate>()) continue;
    const auto tuple = tuple_of(docket, *check);
    if (!seen.emplace(tuple, generation_of(*check)).second) continue;
    const bool valid = succeeded_before(docket, tuple, check->sent);
    findings.check(valid, *check,
                   fmt::format("USE-CANDIDATE to {} {}", check->destination.to_string(),
                               valid ? "after a check had passed" : "before any check had passed"));
  }
}

void check_nominates_one(const Docket& docket, Findings& findings) {
  std::map<std::pair<std::string, std::string>, Tuple> nominated;  // agent, generation
  for (const auto* check : docket.checks()) {
    if (!check->stun()->has<stun::UseCandidate>()) continue;
    const auto tuple = tuple_of(docket, *check);
    const auto [entry, is_first] = nominated.try_emplace({tuple.agent, generation_of(*check)}, tuple);
    const bool same = entry->second == tuple;
    if (!is_first && same) continue;
    findings.check(same, *check,
                   fmt::format("nominates {}{}", tuple.remote.to_string(),
                               same ? "" : " after " + entry->second.remote.to_string()));
  }
}

// From the trace: only the agent knows which of its pairs were waiting. A pair with a relayed local candidate may
// have to wait for its permission (§7.2.1), so that one is not held against an agent.
void check_highest_first(const Docket& docket, Findings& findings) {
  struct Pair {
    double priority = 0;
    std::string state;
    bool relayed = false;
  };
  std::map<std::pair<std::string, std::string>, Pair> pairs;  // agent, pair
  for (const auto& event : docket.evidence().trace) {
    const std::pair key{event.vantage, event.text("pair")};
    if (event.name == "ice:pair_added") {
      pairs[key] = {event.number("priority").value_or(0), event.text("state"), event.text("local_type") == "relay"};
    } else if (event.name == "ice:pair_state_changed") {
      pairs[key].state = event.text("to");
    } else if (event.name == "ice:check_sent" && event.text("kind") == "ordinary") {
      const auto own = pairs[key].priority;
      const auto better = std::ranges::find_if(pairs, [&](const auto& entry) {
        return entry.first.first == event.vantage && entry.first != key && !entry.second.relayed &&
               entry.second.state == "waiting" && entry.second.priority > own;
      });
      findings.check_trace(better == pairs.end(), event,
                           better == pairs.end()
                               ? fmt::format("pair {} is the best of those that wait", key.second)
                               : fmt::format("pair {} is checked while {} with a higher priority waits", key.second,
                                             better->first.second));
    }
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"ice-8445-6.1.4.2-highest-first", "RFC 8445", "6.1.4.2", Level::Must,
             "Among the pairs that wait, the one with the highest priority is checked first."},
            "ordinary checks in a trace", check_highest_first},
    Checker{{"ice-8445-8.1.1-nominate-valid", "RFC 8445", "8.1.1", Level::Must,
             "Only a pair whose check has passed is nominated."},
            "nominations", check_nominates_valid},
    Checker{{"ice-8445-8.1.1-nominate-one", "RFC 8445", "8.1.1", Level::Must,
             "One pair is nominated in a session, and no other after it."},
            "nominations", check_nominates_one},
    Checker{{"ice-8445-14.2-ta-floor", "RFC 8445", "14.2", Level::Must,
             "An agent starts no two checks within five milliseconds."},
            "checks that follow another", check_pacing},
    Checker{{"ice-8445-14.3-rto-floor", "RFC 8445", "14.3", Level::Must,
             "A check is sent again no sooner than 500 ms after the first time."},
            "resent checks", check_rto_floor},
    Checker{{"ice-8445-16.1-tiebreaker-const", "RFC 8445", "16.1", Level::Must,
             "The tie-breaker stays the same in all checks of a session, unless a role conflict was answered."},
            "checks that follow another", check_tie_breaker},
};
// clang-format on

}  // namespace

std::span<const Checker> ice_procedure_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
