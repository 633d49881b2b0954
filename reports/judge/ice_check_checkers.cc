// RFC 8445 §7: what a connectivity check holds.
#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "reports/judge/checkers.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace rtclab::judge {
namespace {

using stun::Class;
using stun::Method;

void check_credentials_present(const Docket& docket, Findings& findings) {
  for (const auto* check : docket.checks()) {
    const bool named = check->stun()->has<stun::Username>();
    const bool is_signed =
        check->stun()->has<stun::MessageIntegrity>() || check->stun()->has<stun::MessageIntegritySha256>();
    findings.check(named && is_signed, *check,
                   named && is_signed ? "check with USERNAME and integrity"
                   : named            ? "check without integrity"
                                      : "check without USERNAME");
  }
}

// The name that the descriptions ask for: the receiver's fragment first.
void check_username(const Docket& docket, Findings& findings) {
  for (const auto* check : docket.checks()) {
    const auto username = check->stun()->find<stun::Username>();
    if (!username || !docket.is_peer(check->from)) continue;
    const auto colon = username->value.find(':');
    const auto* const first = docket.credential(username->value.substr(0, colon));
    const auto* const second =
        colon == std::string::npos ? nullptr : docket.credential(username->value.substr(colon + 1));
    if (first == nullptr && second == nullptr) continue;  // the descriptions are not in the evidence
    const auto sender = docket.name(check->from);
    const bool right = first != nullptr && second != nullptr && first->owner != sender && second->owner == sender;
    const bool verifies = right && stun::check_integrity(check->payload, stun::short_term_key(first->pwd)) !=
                                       stun::Check::Bad;
    findings.check(right && verifies, *check,
                   fmt::format("USERNAME \"{}\"{}", username->value,
                               right && verifies ? ""
                               : right           ? ", signed with another password than the receiver's"
                                                 : " is not receiver:sender"));
  }
}

void check_fingerprint(const Docket& docket, Findings& findings) {
  const auto check_one = [&](const Transmission& t, std::string_view what) {
    const auto result = stun::check_fingerprint(t.payload);
    findings.check(result == stun::Check::Ok, t,
                   fmt::format("{} {}", what,
                               result == stun::Check::Ok       ? "with FINGERPRINT"
                               : result == stun::Check::Absent ? "without FINGERPRINT"
                                                               : "with a wrong FINGERPRINT"));
  };
  for (const auto* check : docket.checks()) {
    check_one(*check, "check");
    const auto* const answer = docket.is_first_send(*check) ? docket.answer_to(*check) : nullptr;
    if (answer != nullptr && docket.is_peer(answer->from)) check_one(*answer, "answer");
  }
}

// The type preference of peer-reflexive candidates is below that of host candidates (§5.1.2.2), so a check
// that shows a host's preference did not compute PRIORITY as §7.1.1 asks.
void check_priority(const Docket& docket, Findings& findings) {
  for (const auto* check : docket.checks()) {
    const auto priority = check->stun()->find<stun::Priority>();
    if (!priority) {
      findings.broken(*check, "check without PRIORITY");
      continue;
    }
    const auto preference = priority->value >> 24u;
    findings.check(preference < 126, *check, fmt::format("PRIORITY with type preference {}", preference));
  }
}

void check_role_attribute(const Docket& docket, Findings& findings) {
  for (const auto* check : docket.checks()) {
    const auto roles = int{check->stun()->has<stun::IceControlling>()} + int{check->stun()->has<stun::IceControlled>()};
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
    findings.check(!nominates, *check,
                   nominates ? "USE-CANDIDATE from the controlled side" : "check of the controlled side");
  }
}

// §7.3.1.4: who receives a check on a pair that has not succeeded checks it in return.
void check_triggered(const Docket& docket, Findings& findings) {
  using namespace std::chrono_literals;
  constexpr Duration kPatience = 3s;  // a full triggered-check queue of a hundred pairs would still be through
  std::set<std::tuple<std::string, Endpoint, Endpoint>> seen;
  for (const auto* incoming : docket.checks()) {
    if (!incoming->received || !docket.is_peer(incoming->to) || incoming->carried) continue;
    const auto& local = incoming->destination_as_received;
    const auto& remote = incoming->source_as_received;
    const auto who = docket.name(incoming->to);
    if (!seen.emplace(who, local, remote).second) continue;
    if (docket.evidence().packets.back().at < *incoming->received + kPatience) continue;  // the evidence ends first
    const auto answered = std::ranges::any_of(docket.stun(), [&](const Transmission* t) {
      return t->is(Class::Success, Method::Binding) && t->stun()->transaction == incoming->stun()->transaction;
    });
    if (!answered) continue;  // it was no valid check
    const auto outgoing = std::ranges::find_if(docket.checks(), [&](const Transmission* t) {
      return t->from == incoming->to && t->source == local && t->destination == remote;
    });
    const bool checked = outgoing != docket.checks().end() && (*outgoing)->sent < *incoming->received + kPatience;
    findings.check(checked, *incoming,
                   fmt::format("its check from {} {} by {}", remote.to_string(),
                               checked ? "was matched by one" : "was never matched by one", who));
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"stun-8489-9.1.2-st-username", "RFC 8489", "9.1.2", Level::Must,
             "A connectivity check carries USERNAME and message integrity."},
            "connectivity checks", check_credentials_present},
    Checker{{"ice-8445-7.1.1-priority-attr", "RFC 8445", "7.1.1", Level::Must,
             "A check carries the PRIORITY that a peer-reflexive candidate of its base would have."},
            "connectivity checks", check_priority},
    Checker{{"ice-8445-7.1.2-use-candidate-controlled", "RFC 8445", "7.1.2", Level::Must,
             "Only the controlling side sends USE-CANDIDATE."},
            "checks of a controlled agent", check_controlled_does_not_nominate},
    Checker{{"ice-8445-7.1.3-role-attr", "RFC 8445", "7.1.3", Level::Must,
             "A check names the role of its sender, and only that."},
            "connectivity checks", check_role_attribute},
    Checker{{"ice-8445-7.2.2-short-term-cred", "RFC 8445", "7.2.2", Level::Must,
             "A check is addressed to receiver:sender and signed with the receiver's password."},
            "connectivity checks", check_username},
    Checker{{"ice-8445-7.2.4-fingerprint", "RFC 8445", "7.1", Level::Must,
             "Checks and their answers carry FINGERPRINT."},
            "checks and answers", check_fingerprint},
    Checker{{"ice-8445-7.3.1.4-triggered-check", "RFC 8445", "7.3.1.4", Level::Must,
             "A valid check is answered by one in the other direction."},
            "pairs on which a check arrived", check_triggered},
};
// clang-format on

}  // namespace

std::span<const Checker> ice_check_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
