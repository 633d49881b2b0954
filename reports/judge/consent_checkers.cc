// RFC 7675: consent to be sent to.
#include "agents/stun/attributes.h"
#include "reports/judge/checkers.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;
using evidence::Kind;

using Tuple = std::tuple<std::string, Endpoint, Endpoint>;

Tuple tuple_of(const Docket& docket, const Transmission& t) {
  return {docket.name(t.from), t.source, t.destination};
}

// The consent checks of one agent on one path, each with the copies that left under its id, in time
// order.
struct ConsentPath {
  std::vector<std::vector<const Transmission*>> checks;
};

std::map<Tuple, ConsentPath> consent_paths(const Docket& docket) {
  std::map<Tuple, ConsentPath> paths;
  std::map<std::pair<Tuple, stun::TransactionId>, std::size_t> place;
  for (const auto* check : docket.checks()) {
    if (!docket.is_consent(*check)) continue;
    const auto tuple = tuple_of(docket, *check);
    auto& checks = paths[tuple].checks;
    const auto [entry, is_new] =
        place.try_emplace({tuple, check->stun()->transaction}, checks.size());
    if (is_new) checks.emplace_back();
    checks[entry->second].push_back(check);
  }
  return paths;
}

// A second copy that comes before a new check is due is a resend; one that comes when it is due is
// a new check under an old id.
constexpr Duration kLeastPeriod = 4s;

bool is_resent(const std::vector<const Transmission*>& copies) {
  return copies.size() > 1 && copies[1]->sent - copies[0]->sent < kLeastPeriod;
}

// The checks of a path without resends, in time order.
std::vector<const Transmission*> without_resends(const ConsentPath& path) {
  std::vector<const Transmission*> checks;
  for (const auto& copies : path.checks) {
    if (is_resent(copies))
      checks.push_back(copies.front());
    else
      checks.insert(checks.end(), copies.begin(), copies.end());
  }
  std::ranges::stable_sort(checks, {}, &Transmission::sent);
  return checks;
}

void check_interval_floor(const Docket& docket, Findings& findings) {
  for (const auto& [tuple, path] : consent_paths(docket)) {
    const auto checks = without_resends(path);
    for (std::size_t i = 1; i < checks.size(); ++i) {
      const auto wait = checks[i]->sent - checks[i - 1]->sent;
      findings.check(wait + docket.tolerance() >= kLeastPeriod, *checks[i],
                     fmt::format("consent check {:.3f} s after the one before", seconds(wait)));
    }
  }
}

// Waits drawn from 0.8 to 1.2 times one period differ by half at most, and three in a row within a
// millisecond happen to U(4 s, 6 s) once in a million.
void check_interval_random(const Docket& docket, Findings& findings) {
  for (const auto& [tuple, path] : consent_paths(docket)) {
    const auto checks = without_resends(path);
    if (checks.size() < 4) continue;
    std::vector<Duration> waits;
    for (std::size_t i = 1; i < checks.size(); ++i)
      waits.push_back(checks[i]->sent - checks[i - 1]->sent);
    const auto alike = 1ms + docket.tolerance();
    const auto [least, most] = std::ranges::minmax(waits);
    std::optional<std::size_t> third;
    for (std::size_t i = 2; i < waits.size() && !third; ++i) {
      const auto [low, high] = std::minmax({waits[i - 2], waits[i - 1], waits[i]});
      if (high - low <= alike) third = i;
    }
    if (third) {
      findings.broken(*checks[*third + 1],
                      fmt::format("three waits in a row of {:.3f}, {:.3f} and {:.3f} s",
                                  seconds(waits[*third - 2]), seconds(waits[*third - 1]),
                                  seconds(waits[*third])));
    } else {
      const bool one_period = most <= least + least / 2 + 2 * docket.tolerance();
      findings.check(
          one_period, *checks.back(),
          fmt::format("{} waits between {:.3f} and {:.3f} s{}", waits.size(), seconds(least),
                      seconds(most), one_period ? "" : ", which no one period explains"));
    }
  }
}

void check_fresh_ids(const Docket& docket, Findings& findings) {
  for (const auto& [tuple, path] : consent_paths(docket)) {
    for (const auto& copies : path.checks) {
      findings.kept(*copies.front(), "consent check under a new id");
      for (std::size_t i = 1; i < copies.size() && !is_resent(copies); ++i) {
        findings.broken(*copies[i],
                        fmt::format("consent check under the id of the one {:.3f} s before",
                                    seconds(copies[i]->sent - copies[i - 1]->sent)));
      }
    }
  }
}

// A check that nobody answered is followed by the next one in its time, not by its own copy.
void check_not_resent(const Docket& docket, Findings& findings) {
  // The checks of a pair that may take over are sent again like any other's, and look like consent.
  if (docket.renominates()) return;
  for (const auto& [tuple, path] : consent_paths(docket)) {
    for (const auto& copies : path.checks) {
      findings.kept(*copies.front(), "consent check, sent once");
      for (std::size_t i = 1; i < copies.size() && is_resent(copies); ++i) {
        findings.broken(*copies[i], fmt::format("consent check sent again after {:.3f} s",
                                                seconds(copies[i]->sent - copies.front()->sent)));
      }
    }
  }
}

// Whatever its first octet says, a datagram with the STUN cookie is no data.
bool is_data(const Transmission& t) {
  if (t.dissection->kind != Kind::Dtls && t.dissection->kind != Kind::Rtp) return false;
  ByteReader reader{t.payload};
  reader.skip(4);
  return reader.u32() != stun::kMagicCookie || !reader.ok();
}

void check_no_data_before(const Docket& docket, Findings& findings) {
  std::set<Tuple> begun;
  for (const auto& t : docket.transmissions()) {
    // RFC 7675 §4: a lite agent asks for no consent, being checked is enough for it.
    if (!docket.is_peer(t.from) || docket.is_lite(t.from) || !is_data(t) ||
        !begun.insert(tuple_of(docket, t)).second)
      continue;
    const bool consented = std::ranges::any_of(docket.checks(), [&](const Transmission* check) {
      if (check->from != t.from || check->source != t.source || check->destination != t.destination)
        return false;
      const auto at = docket.answered_at(*check);
      return at && *at <= t.sent + docket.tolerance();
    });
    findings.check(
        consented, t,
        fmt::format("first {} to {} {}", to_string(t.dissection->kind), t.destination.to_string(),
                    consented ? "after a check was answered" : "before any check was answered"));
  }
}

// After 30 s without an answer nothing but checks leaves on that path any more. Judged is each
// stretch of data that begins after a pause or an answer; an agent whose checks are not in the
// evidence, or that never got an answer here, is another requirement's affair.
void check_expiry(const Docket& docket, Findings& findings) {
  constexpr Duration kExpiry = 30s;
  std::map<Tuple, std::vector<Duration>> answers;
  for (const auto* check : docket.checks()) {
    if (!docket.is_peer(check->from)) continue;
    if (const auto at = docket.answered_at(*check))
      answers[tuple_of(docket, *check)].push_back(*at);
  }
  for (auto& [tuple, times] : answers) std::ranges::sort(times);
  std::map<Tuple, Duration> judged;
  for (const auto& t : docket.transmissions()) {
    if (!docket.is_peer(t.from) || !is_data(t)) continue;
    const auto tuple = tuple_of(docket, t);
    const auto known = answers.find(tuple);
    if (known == answers.end()) continue;
    const auto next = std::ranges::upper_bound(known->second, t.sent);
    if (next == known->second.begin()) continue;
    const auto age = t.sent - *std::prev(next);
    const bool fresh = age <= kExpiry + docket.tolerance();
    const auto [entry, is_first] = judged.try_emplace(tuple, t.sent);
    if (fresh && !is_first && t.sent - entry->second < 10s) continue;
    entry->second = t.sent;
    findings.check(
        fresh, t,
        fmt::format("{} {:.1f} s after the last answer from {}", to_string(t.dissection->kind),
                    seconds(age), t.destination.to_string()));
  }
}

// RFC 7675 §5.1 over TCP: a connection's acknowledgements are no consent.
void check_tcp_too(const Docket& docket, Findings& findings) {
  constexpr Duration kMost =
      12s;  // two of the longest waits: one check may be lost with its segment
  std::map<Tuple, std::vector<const Transmission*>> data;
  std::map<Tuple, std::vector<Duration>> checks;
  for (const auto& t : docket.transmissions()) {
    if (!docket.is_peer(t.from) || !docket.is_peer(t.to) || !t.is_tcp()) continue;
    if (is_data(t)) data[tuple_of(docket, t)].push_back(&t);
    if (docket.is_check(t)) checks[tuple_of(docket, t)].push_back(t.sent);
  }
  for (const auto& [tuple, sent] : data) {
    if (sent.back()->sent - sent.front()->sent < kMost) continue;
    auto times = checks[tuple];
    times.push_back(sent.front()->sent);
    std::ranges::sort(times);
    const auto before = std::ranges::upper_bound(times, sent.back()->sent);
    const auto age = sent.back()->sent - *std::prev(before);
    findings.check(
        age <= kMost, *sent.back(),
        fmt::format("data on a TCP connection, {:.1f} s after the last check", seconds(age)));
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"consent-7675-5.1-no-data-before", "RFC 7675", "5.1", Level::Must,
             "Nothing but checks goes to an address before a check to it was answered."},
            "paths that carried data", check_no_data_before},
    Checker{{"consent-7675-5.1-expire-30s", "RFC 7675", "5.1", Level::Must,
             "Thirty seconds after the last answer nothing but checks is sent."},
            "stretches of data", check_expiry},
    Checker{{"consent-7675-5.1-tcp-too", "RFC 7675", "5.1", Level::Must,
             "Consent is asked for on TCP connections as well."},
            "TCP connections with data", check_tcp_too},
    Checker{{"consent-7675-5.1-min-4s", "RFC 7675", "5.1", Level::Must,
             "Consent is asked for no more often than every four seconds."},
            "consent checks that follow another", check_interval_floor},
    Checker{{"consent-7675-5.1-randomised", "RFC 7675", "5.1", Level::Must,
             "The waits between consent checks are drawn at random, from 0.8 to 1.2 times one period."},
            "paths with enough consent checks", check_interval_random},
    Checker{{"consent-7675-5.1-new-txid", "RFC 7675", "5.1", Level::Must,
             "Each consent check is a transaction of its own."},
            "consent checks", check_fresh_ids},
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
