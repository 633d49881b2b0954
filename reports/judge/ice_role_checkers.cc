// RFC 8445 §6.1.1, §7.1.2, §7.1.3, §7.3.1.1 and §16.1: who controls, and what becomes of two who
// both mean to.
#include "agents/stun/attributes.h"
#include "reports/judge/checkers.h"
#include "reports/judge/role_attribute.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>

namespace rtclab::judge {
namespace {

using evidence::SignallingType;
using stun::Class;

constexpr int kRoleConflict = 487;

std::string_view name_of(bool controlling) {
  return controlling ? "controlling" : "controlled";
}

bool is_error(const Transmission& t, int code) {
  if (t.stun()->cls != Class::Error) return false;
  const auto error = t.stun()->find<stun::ErrorCode>();
  return error && error->code == code;
}

// The peer whose offer began the agent's session; nullopt when both offered before there was an
// answer, for then the one whose offer stood is not on record.
std::optional<std::string> initiator(const Docket& docket, const std::string& agent) {
  std::set<std::string> offerers;
  for (const auto& record : docket.descriptions()) {
    const auto& message = docket.evidence().signalling[record.signalling];
    if (message.from != agent && message.to != agent) continue;  // of another call
    if (message.type != SignallingType::Offer) break;
    offerers.insert(message.from);
  }
  return offerers.size() == 1 ? std::optional{*offerers.begin()} : std::nullopt;
}

// Whether the check is for an agent that says it is lite. Where it went does not always tell: it
// may have ended at a NAT, or gone by a relay.
bool is_for_lite(const Docket& docket, const Transmission& check) {
  const auto username = check.stun()->find<stun::Username>();
  const auto* const receiver =
      username ? docket.credential(username->value.substr(0, username->value.find(':'))) : nullptr;
  return receiver != nullptr ? docket.is_lite(docket.evidence().party_named(receiver->owner))
                             : docket.is_lite(check.to);
}

void check_initial_role(const Docket& docket, Findings& findings) {
  std::set<std::string> begun;
  for (const auto* check : docket.checks()) {
    // A full agent controls a lite one, whoever offered.
    if (is_for_lite(docket, *check) || docket.is_lite(check->from)) continue;
    const auto role = RoleAttribute::of(*check->stun());
    const auto agent = docket.name(check->from);
    if (!role || !docket.is_peer(check->from) || !begun.insert(agent).second) continue;
    const auto controls = initiator(docket, agent);
    if (!controls) continue;
    findings.check(role->controlling == (agent == *controls), *check,
                   fmt::format("begins as {}, having {}", name_of(role->controlling),
                               agent == *controls ? "offered" : "answered"));
  }
}

void check_role_attribute(const Docket& docket, Findings& findings) {
  for (const auto* check : docket.checks()) {
    const auto roles = int{check->stun()->has<stun::IceControlling>()} +
                       int{check->stun()->has<stun::IceControlled>()};
    findings.check(roles == 1, *check,
                   roles == 1   ? "check with its role"
                   : roles == 0 ? "check without ICE-CONTROLLING or ICE-CONTROLLED"
                                : "check with both roles");
  }
}

void check_controlled_does_not_nominate(const Docket& docket, Findings& findings) {
  for (const auto* check : docket.checks()) {
    if (!check->stun()->has<stun::IceControlled>()) continue;
    const bool nominates = check->stun()->has<stun::UseCandidate>();
    findings.check(
        !nominates, *check,
        nominates ? "USE-CANDIDATE from the controlled side" : "check of the controlled side");
  }
}

// A check that came to somebody who had shown the same role.
struct Conflict {
  const Transmission* check;
  RoleAttribute theirs;
  RoleAttribute ours;  // of the receiver, in its last check before
  [[nodiscard]] bool receiver_wins() const {
    return ours.controlling == (ours.tie_breaker >= theirs.tie_breaker);
  }
};

// What an agent means to be is seen in its checks, so only those that had sent one by then are
// judged.
std::vector<Conflict> conflicts(const Docket& docket) {
  std::vector<Conflict> found;
  for (const auto* check : docket.checks()) {
    const auto theirs = RoleAttribute::of(*check->stun());
    if (!theirs || !check->received || !docket.is_peer(check->to) || !docket.is_first_send(*check))
      continue;
    std::optional<RoleAttribute> ours;
    for (const auto* own : docket.checks()) {
      if (own->sent > *check->received) break;
      if (own->from != check->to) continue;
      if (const auto role = RoleAttribute::of(*own->stun())) ours = role;
    }
    if (!ours || ours->controlling != theirs->controlling) continue;
    // It may have given in since its last check, to an earlier check or to a 487.
    const auto has_given_in = [&](const Conflict& earlier) {
      return earlier.check->to == check->to && !earlier.receiver_wins();
    };
    const auto was_refused = [&](const Transmission* t) {
      return t->to == check->to && t->sent < *check->received && is_error(*t, kRoleConflict);
    };
    if (std::ranges::any_of(found, has_given_in) || std::ranges::any_of(docket.stun(), was_refused))
      continue;
    found.push_back({check, *theirs, *ours});
  }
  return found;
}

void check_conflict_refused(const Docket& docket, Findings& findings) {
  for (const auto& conflict : conflicts(docket)) {
    if (!conflict.receiver_wins()) continue;
    const auto responses = docket.responses_to(*conflict.check);
    if (responses.empty()) continue;
    const bool refused = is_error(*responses.front(), kRoleConflict);
    findings.check(
        refused, *responses.front(),
        fmt::format("{} to a check that says {}, too; the tie-breakers let the receiver stay so",
                    refused ? "487" : responses.front()->stun()->name(),
                    name_of(conflict.theirs.controlling)));
  }
}

void check_conflict_given_in(const Docket& docket, Findings& findings) {
  using namespace std::chrono_literals;
  std::set<std::optional<evidence::PartyIndex>> judged;
  for (const auto& conflict : conflicts(docket)) {
    if (conflict.receiver_wins() || !judged.insert(conflict.check->to).second) continue;
    // Checks that leave together with the answer may have been made before it.
    const auto next = std::ranges::find_if(docket.checks(), [&](const Transmission* t) {
      return t->from == conflict.check->to && t->sent > *conflict.check->received + 1ms &&
             docket.is_first_send(*t);
    });
    if (next == docket.checks().end()) continue;
    const auto role = RoleAttribute::of(*(*next)->stun());
    if (!role) continue;
    const bool switched = role->controlling != conflict.ours.controlling;
    findings.check(
        switched, **next,
        fmt::format("{} {} after a check that says so, too, and wins by its tie-breaker",
                    switched ? "no longer" : "still", name_of(conflict.ours.controlling)));
  }
}

// The generation that a check belongs to: a restart changes the fragments.
std::string generation_of(const Transmission& check) {
  const auto username = check.stun()->find<stun::Username>();
  return username ? username->value : std::string{};
}

void check_tie_breaker(const Docket& docket, Findings& findings) {
  struct Value {
    std::uint64_t number;
    std::string generation;
    unsigned changes_allowed = 0;
  };
  std::map<std::string, Value> values;
  for (const auto* t : docket.stun()) {
    if (t->stun()->cls == Class::Error) {
      // §7.2.5.1: whoever gets 487 draws a new one. It may still send the old one until it gets it.
      const auto code = t->stun()->find<stun::ErrorCode>();
      const auto of = values.find(docket.name(t->to));
      if (code && code->code == 487 && of != values.end()) ++of->second.changes_allowed;
    }
    if (!docket.is_check(*t) || !docket.is_first_send(*t)) continue;
    const auto role = RoleAttribute::of(*t->stun());
    if (!role) continue;
    const auto [entry, is_first] =
        values.try_emplace(docket.name(t->from), Value{role->tie_breaker, generation_of(*t)});
    auto& value = entry->second;
    if (is_first) continue;
    const bool same = value.number == role->tie_breaker;
    if (value.generation != generation_of(*t)) {
      value = {role->tie_breaker, generation_of(*t)};
      continue;
    }
    const bool may_change = !same && value.changes_allowed > 0;
    if (may_change) {
      --value.changes_allowed;
      value.number = role->tie_breaker;
    }
    findings.check(same || may_change, *t,
                   same         ? "the same tie-breaker"
                   : may_change ? "another tie-breaker, after a 487 answer"
                                : "another tie-breaker than before");
  }
}

// §7.2.5.1: whoever is told 487 takes the other role and draws a new tie-breaker. Checks that leave
// together with its arrival may have been made before.
void check_refused_switches(const Docket& docket, Findings& findings) {
  using namespace std::chrono_literals;
  std::set<std::optional<evidence::PartyIndex>> judged;
  for (const auto* error : docket.stun()) {
    if (!is_error(*error, kRoleConflict) || !error->received || !judged.insert(error->to).second)
      continue;
    const auto refused = std::ranges::find_if(docket.checks(), [&](const Transmission* t) {
      return t->from == error->to && t->stun()->transaction == error->stun()->transaction;
    });
    if (refused == docket.checks().end()) continue;
    const auto before = RoleAttribute::of(*(*refused)->stun());
    const auto next = std::ranges::find_if(docket.checks(), [&](const Transmission* t) {
      return t->from == error->to && t->sent > *error->received + 1ms && docket.is_first_send(*t);
    });
    if (!before || next == docket.checks().end()) continue;
    const auto after = RoleAttribute::of(*(*next)->stun());
    if (!after) continue;
    const bool switched = after->controlling != before->controlling;
    const bool redrawn = after->tie_breaker != before->tie_breaker;
    findings.check(switched && redrawn, **next,
                   fmt::format("{} {} after a 487 answer, with {} tie-breaker",
                               switched ? "no longer" : "still", name_of(before->controlling),
                               redrawn ? "a new" : "the old"));
  }
}

// §6.1.1: a restart alone changes no roles. A conflict may.
void check_role_kept_in_restart(const Docket& docket, Findings& findings) {
  struct Last {
    std::string generation;
    bool controlling;
  };
  std::map<std::string, Last> last;
  std::set<std::string> disturbed;
  for (const auto* t : docket.stun()) {
    if (is_error(*t, kRoleConflict)) disturbed.insert({docket.name(t->from), docket.name(t->to)});
    if (!docket.is_check(*t) || !docket.is_peer(t->from)) continue;
    const auto role = RoleAttribute::of(*t->stun());
    if (!role) continue;
    const auto who = docket.name(t->from);
    // §7.3.1.1: the receiver may be the one to give way, and then says no 487.
    if (const auto met = last.find(docket.name(t->to));
        met != last.end() && met->second.controlling == role->controlling)
      disturbed.insert(met->first);
    const auto [entry, is_first] =
        last.try_emplace(who, Last{generation_of(*t), role->controlling});
    if (is_first || entry->second.generation == generation_of(*t)) {
      entry->second.controlling = role->controlling;
      continue;
    }
    const bool same = entry->second.controlling == role->controlling;
    if (!disturbed.contains(who)) {
      findings.check(same, *t,
                     fmt::format("{} in the new generation, {} in the one before",
                                 name_of(role->controlling), name_of(entry->second.controlling)));
    }
    entry->second = {generation_of(*t), role->controlling};
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"ice-8445-6.1.1-role-initial", "RFC 8445", "6.1.1", Level::Must,
             "Of two full agents the one that offers begins as controlling, the other as controlled."},
            "agents that sent checks", check_initial_role},
    Checker{{"ice-8445-6.1.1-role-kept", "RFC 8445", "6.1.1", Level::Must,
             "A restart alone leaves the roles as they were."},
            "first checks of a further generation", check_role_kept_in_restart},
    Checker{{"ice-8445-7.1.2-use-candidate-controlled", "RFC 8445", "7.1.2", Level::Must,
             "Only the controlling side sends USE-CANDIDATE."},
            "checks of a controlled agent", check_controlled_does_not_nominate},
    Checker{{"ice-8445-7.1.3-role-attr", "RFC 8445", "7.1.3", Level::Must,
             "A check names the role of its sender, and only that."},
            "connectivity checks", check_role_attribute},
    Checker{{"ice-8445-7.2.5.1-487-switch", "RFC 8445", "7.2.5.1", Level::Must,
             "Who is answered 487 takes the other role, with a new tie-breaker."},
            "agents that were answered 487", check_refused_switches},
    Checker{{"ice-8445-7.3.1.1-role-conflict-487", "RFC 8445", "7.3.1.1", Level::Must,
             "Whoever may keep its role answers 487 to a check that claims the same role."},
            "role conflicts that the receiver wins", check_conflict_refused},
    Checker{{"ice-8445-7.3.1.1-role-conflict-switch", "RFC 8445", "7.3.1.1", Level::Must,
             "Whoever may not keep its role takes the other one when a check claims the same."},
            "role conflicts that the receiver loses", check_conflict_given_in},
    Checker{{"ice-8445-16.1-tiebreaker-const", "RFC 8445", "16.1", Level::Must,
             "The tie-breaker stays the same in all checks of a session, unless a 487 answer came."},
            "checks that follow another", check_tie_breaker},
};
// clang-format on

}  // namespace

std::span<const Checker> ice_role_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
