// RFC 8445 §6, §8 and §14: when checks leave, in which order, and how a pair is nominated.
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
    if (docket.is_consent(*check) || !docket.is_first_send(*check)) continue;
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
  };
  std::map<std::pair<std::string, std::string>, Pair> pairs;  // agent, pair
  for (const auto& event : docket.evidence().trace) {
    const std::pair key{event.vantage, event.text("pair")};
    if (event.name == "ice:pair_added") {
      pairs[key] = {event.number("priority").value_or(0), event.text("state"),
                    event.text("local_type") == "relay"};
    } else if (event.name == "ice:pair_state_changed") {
      pairs[key].state = event.text("to");
    } else if (event.name == "ice:check_sent" && event.text("kind") == "ordinary") {
      const auto own = pairs[key].priority;
      const auto better = std::ranges::find_if(pairs, [&](const auto& entry) {
        return entry.first.first == event.vantage && entry.first != key && !entry.second.relayed &&
               entry.second.state == "waiting" && entry.second.priority > own;
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
};
// clang-format on

}  // namespace

std::span<const Checker> ice_procedure_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
