// RFC 7675: consent to be sent to.
#include "agents/stun/attributes.h"
#include "reports/judge/checkers.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;
using evidence::Kind;

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

using Tuple = std::tuple<std::string, Endpoint, Endpoint>;
using ChecksByTuple = std::map<Tuple, std::vector<const Transmission*>>;

Tuple tuple_of(const Docket& docket, const Transmission& t) {
  return {docket.name(t.from), t.source, t.destination};
}

// When a nomination of this pair was first answered, seen from either side.
std::optional<Duration> nominated_at(const Docket& docket, const Transmission& check) {
  for (const auto* nomination : docket.checks()) {
    if (!nomination->stun()->has<stun::UseCandidate>()) continue;
    const bool by_us = nomination->from == check.from && nomination->source == check.source &&
                       nomination->destination == check.destination;
    const bool by_peer = nomination->to == check.from && nomination->destination_as_received == check.source &&
                         nomination->source_as_received == check.destination;
    if (!by_us && !by_peer) continue;
    if (const auto* answer = docket.answer_to(*nomination)) return answer->received.value_or(answer->sent);
  }
  return std::nullopt;
}

// Consent is what an agent checks on a pair that was nominated and that its own checks have found valid: before that
// its requests look for a pair, and are resent like any others. A transaction counts by its first request.
ChecksByTuple consent_checks(const Docket& docket) {
  std::map<Tuple, std::optional<Duration>> consent_since;
  std::set<stun::TransactionId> earlier;
  ChecksByTuple checks;
  for (const auto* check : docket.checks()) {
    if (!docket.is_peer(check->from)) continue;
    const auto tuple = tuple_of(docket, *check);
    const auto [entry, is_new] = consent_since.try_emplace(tuple);
    if (is_new) {
      const auto* const answer = docket.answer_to(*check);
      const auto nominated = nominated_at(docket, *check);
      if (answer != nullptr && nominated) {
        entry->second = std::max(*nominated, answer->received.value_or(answer->sent));
      }
    }
    const bool counts = entry->second && check->sent > *entry->second;
    if (!counts) earlier.insert(check->stun()->transaction);
    else if (!earlier.contains(check->stun()->transaction)) checks[tuple].push_back(check);
  }
  return checks;
}

void check_interval_floor(const Docket& docket, Findings& findings) {
  for (const auto& [tuple, checks] : consent_checks(docket)) {
    for (std::size_t i = 1; i < checks.size(); ++i) {
      // A repeated id is a resend, which is another requirement's affair; so is a check that went unanswered.
      if (checks[i]->stun()->transaction == checks[i - 1]->stun()->transaction) continue;
      const auto gap = checks[i]->sent - checks[i - 1]->sent;
      findings.check(gap + docket.tolerance() >= 4s, *checks[i],
                     fmt::format("consent check {:.3f} s after the one before", seconds(gap)));
    }
  }
}

void check_interval_random(const Docket& docket, Findings& findings) {
  for (const auto& [tuple, checks] : consent_checks(docket)) {
    std::vector<Duration> gaps;
    for (std::size_t i = 1; i < checks.size(); ++i) gaps.push_back(checks[i]->sent - checks[i - 1]->sent);
    if (gaps.size() < 2) continue;
    const auto [least, most] = std::ranges::minmax(gaps);
    // U(4 s, 6 s) twice within a millisecond happens once in a thousand, thrice once in a million.
    const bool varies = most - least > 1ms + docket.tolerance();
    if (!varies && gaps.size() < 3) continue;
    findings.check(varies, *checks.back(),
                   fmt::format("{} gaps between {:.4f} and {:.4f} s", gaps.size(), seconds(least), seconds(most)));
  }
}

void check_fresh_ids(const Docket& docket, Findings& findings) {
  for (const auto& [tuple, checks] : consent_checks(docket)) {
    for (std::size_t i = 1; i < checks.size(); ++i) {
      const bool is_new = checks[i]->stun()->transaction != checks[i - 1]->stun()->transaction;
      findings.check(is_new, *checks[i], is_new ? "consent check under a new id" : "consent check under the old id");
    }
  }
}

// A check that nobody answered is followed by the next one in its time, not by its own copy.
void check_not_resent(const Docket& docket, Findings& findings) {
  for (const auto& [tuple, checks] : consent_checks(docket)) {
    std::map<stun::TransactionId, unsigned> copies;
    for (const auto* check : checks) {
      const auto number = ++copies[check->stun()->transaction];
      findings.check(number == 1, *check,
                     number == 1 ? "consent check, sent once" : fmt::format("consent check, copy {}", number));
    }
  }
}

void check_no_data_before(const Docket& docket, Findings& findings) {
  std::set<Tuple> begun;
  for (const auto& t : docket.transmissions()) {
    if (t.dissection->kind != Kind::Dtls && t.dissection->kind != Kind::Rtp) continue;
    if (!docket.is_peer(t.from) || !begun.insert(tuple_of(docket, t)).second) continue;
    const bool consented = std::ranges::any_of(docket.checks(), [&](const Transmission* check) {
      if (check->from != t.from || check->source != t.source || check->destination != t.destination) return false;
      const auto* const answer = docket.answer_to(*check);
      return answer != nullptr && answer->sent <= t.sent + docket.tolerance();
    });
    findings.check(consented, t,
                   fmt::format("first {} to {} {}", to_string(t.dissection->kind), t.destination.to_string(),
                               consented ? "after a check was answered" : "before any check was answered"));
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"consent-7675-5.1-no-data-before", "RFC 7675", "5.1", Level::Must,
             "Nothing but checks goes to an address before a check to it was answered."},
            "paths that carried data", check_no_data_before},
    Checker{{"consent-7675-5.1-min-4s", "RFC 7675", "5.1", Level::Must,
             "Consent is asked for no more often than every four seconds."},
            "consent checks that follow another", check_interval_floor},
    Checker{{"consent-7675-5.1-randomised", "RFC 7675", "5.1", Level::Must,
             "The time between consent checks is drawn anew each time."},
            "paths with enough consent checks", check_interval_random},
    Checker{{"consent-7675-5.1-new-txid", "RFC 7675", "5.1", Level::Must,
             "Each consent check is a transaction of its own."},
            "consent checks that follow another", check_fresh_ids},
    Checker{{"consent-7675-5.1-no-resend", "RFC 7675", "5.1", Level::Must,
             "A consent check is not sent again."},
            "consent checks", check_not_resent},
};
// clang-format on

}  // namespace

std::span<const Checker> consent_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
