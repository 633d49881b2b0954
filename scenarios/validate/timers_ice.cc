// Timers of ICE: pacing, resends and failure of checks; resends and keepalives of gathering;
// consent.
#include "agents/stun/message.h"
#include "scenarios/validate/access_kinds.h"
#include "scenarios/validate/figures.h"
#include "scenarios/validate/meeting.h"
#include "scenarios/validate/solo_ice.h"
#include "scenarios/validate/timers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace rtclab::validate {
namespace {

using namespace std::chrono_literals;
using evidence::Direction;

constexpr std::string_view kAtA = "a.eth0";
constexpr std::string_view kSevenSends = "0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s";

topology::Topology open_hosts() {
  return two_sides({}, {});
}

Packets requests_of(const evidence::Evidence& evidence) {
  return stun_at(evidence, kAtA, Direction::Outbound, true);
}
Packets requests_of(const evidence::Evidence&&) = delete;

// The sends of each transaction, in the order of the first ones.
std::vector<Packets> transactions_of(const Packets& requests) {
  std::vector<Packets> found;
  std::map<stun::TransactionId, std::size_t> known;
  for (const auto* const packet : requests) {
    const auto& id = packet->dissection.messages().front()->transaction;
    const auto [at, is_new] = known.emplace(id, found.size());
    if (is_new) found.emplace_back();
    found[at->second].push_back(packet);
  }
  return found;
}

// Of the first transaction; none when there is none.
Packets first_of(const std::vector<Packets>& transactions) {
  return transactions.empty() ? Packets{} : transactions.front();
}

// When the agent's state became that, first; zero when it never did.
Duration entered(const evidence::Evidence& evidence, std::string_view vantage,
                 std::string_view state) {
  for (const auto* const event : events_named(evidence, "ice:state_changed")) {
    if (event->vantage == vantage && event->text("to") == state) return event->at;
  }
  return {};
}

Duration time_of_last(const evidence::Evidence& evidence, std::string_view event) {
  const auto found = events_named(evidence, event);
  return found.empty() ? Duration{} : found.back()->at;
}

Endpoint at_b(Port port) {
  return {*Ip::parse("198.51.100.10"), port};
}

// Host "a" with further addresses on its interface.
topology::Topology with_addresses(std::size_t count) {
  auto topology = open_hosts();
  auto& addresses = topology.hosts.front().interfaces.front().addresses;
  for (std::size_t n = 1; n < count; ++n)
    addresses.push_back(*Prefix::parse(fmt::format("203.0.113.{}/24", 10 + n)));
  return topology;
}

}  // namespace

Checks ice_check_timers(std::uint64_t seed) {
  Checks checks{.caption = "Connectivity checks", .rows = {}};
  const auto topology = open_hosts();

  const auto five = run_solo(topology, {.remote_candidates = 5, .length = 1300ms}, seed);
  const auto of_five = transactions_of(requests_of(five));
  Packets first_sends;
  for (const auto& sends : of_five) first_sends.push_back(sends.front());
  checks.rows.push_back(check_text("Ta = 50 ms: five checks leave at (RFC 8445 §14.2)",
                                   "0, 0.05, 0.1, 0.15, 0.2 s", text_of(times_of(first_sends))));
  checks.rows.push_back(check_text(
      "RTO of the first of five checks = max(500 ms, Ta · 5 · 5): sent at (RFC 8445 §14.3)",
      "0, 1.25 s", text_of(times_of(first_of(of_five)))));

  const auto hasty = run_solo(
      topology, {.configuration = {.ta = 1ms}, .remote_candidates = 5, .length = 100ms}, seed);
  checks.rows.push_back(check_text(
      "Ta = 1 ms is asked for, and 5 ms are the least: five checks leave at (RFC 8445 §14.2)",
      "0, 0.005, 0.01, 0.015, 0.02 s", text_of(times_of(requests_of(hasty)))));

  const auto one = run_solo(topology, {.remote_candidates = 1}, seed);
  const auto sends = requests_of(one);
  checks.rows.push_back(
      check_text("RTO of a single check = 500 ms, Rc = 7: sent at (RFC 8489 §6.2.1)",
                 std::string{kSevenSends}, text_of(times_of(sends))));
  checks.rows.push_back(check_time("and ICE fails after (Rm = 16; RFC 8863 §4)", 39500ms,
                                   entered(one, kA, "failed") - time_of_first(sends)));
  const auto none = run_solo(topology, {.remote_candidates = 0}, seed);
  checks.rows.push_back(check_time("ICE fails without any pair after (RFC 8863 §4)", 39500ms,
                                   entered(none, kA, "failed")));

  std::set<Endpoint> targets;
  const auto many = run_solo(topology, {.remote_candidates = 150, .length = 600s}, seed);
  for (const auto* const packet : requests_of(many)) targets.insert(packet->destination);
  checks.rows.push_back(check_text("of 150 pairs so many are checked (RFC 8445 §6.1.2.5)", "100",
                                   std::to_string(targets.size())));
  return checks;
}

Checks ice_gathering_timers(std::uint64_t seed) {
  Checks checks{.caption = "Gathering, and keeping candidates alive", .rows = {}};
  SoloPlan plan{.configuration = {.stun_servers = {at_b(Port{3478})}}, .checks = false};

  const auto deaf = run_solo(open_hosts(), plan, seed);
  const auto sends = requests_of(deaf);
  checks.rows.push_back(check_text(
      "RTO of a request to a STUN server that is silent = 500 ms: sent at (RFC 8489 §6.2.1)",
      std::string{kSevenSends}, text_of(times_of(sends))));
  checks.rows.push_back(
      check_time("and gathering fails after", 39500ms,
                 time_of_last(deaf, "ice:gathering_failed") - time_of_first(sends)));

  const auto many = run_solo(with_addresses(12), plan, seed);
  const auto twelve = transactions_of(requests_of(many));
  checks.rows.push_back(
      check_text("servers asked from twelve addresses", "12", std::to_string(twelve.size())));
  checks.rows.push_back(
      check_text("RTO of the first of twelve = max(500 ms, Ta · 12): sent at (RFC 8445 §14.3)",
                 "0, 0.6, 1.8, 4.2, 9, 18.6, 37.8 s", text_of(times_of(first_of(twelve)))));

  // The servers of the topology answer.
  const auto topology = two_sides(access_kind("EIM/APDF").access, {});
  plan.configuration.stun_servers = {topology.stun_servers.front().endpoint()};
  const auto kept = run_solo(topology, plan, seed);
  const auto requests = requests_of(kept);
  const auto answers = stun_at(kept, kAtA, Direction::Inbound, false);
  for (std::size_t n = 0; n + 1 < requests.size() && n < answers.size(); ++n) {
    checks.rows.push_back(
        check_time(fmt::format("Tr: from answer {} to the next request (RFC 8445 §11)", n + 1), 15s,
                   requests[n + 1]->at - answers[n]->at));
  }

  plan.configuration.stun_servers.clear();
  plan.configuration.turn_servers = {{.server = at_b(Port{3478}),
                                      .username = "user",
                                      .password = "secret",
                                      .transport = turn::ServerTransport::Tcp}};
  const auto stream = run_solo(open_hosts(), plan, seed);
  const auto over_tcp = requests_of(stream);
  checks.rows.push_back(check_text("a request over TCP is sent so often (RFC 8489 §6.2.2)", "1",
                                   std::to_string(over_tcp.size())));
  if (!over_tcp.empty()) {
    checks.rows.push_back(
        check_time("and given up after Ti", 39500ms,
                   time_of_last(stream, "ice:gathering_failed") - time_of_first(over_tcp)));
  }
  return checks;
}

Checks consent_timers(std::uint64_t seed) {
  constexpr auto kCut = 300s;
  const auto topology = open_hosts();
  Recording recording{topology};
  (void)meet(topology, {.seed = seed,
                        .has_relay = false,
                        .limit = kCut + 60s,
                        .recording = &recording,
                        .cut = kCut});
  const auto evidence = recording.read();
  const auto settled = entered(evidence, kA, "completed");

  Packets consent;
  for (const auto* const packet : requests_of(evidence)) {
    if (packet->at > settled) consent.push_back(packet);
  }
  Duration shortest = 1h;
  Duration longest{};
  double sum = 0;
  for (std::size_t n = 0; n + 1 < consent.size(); ++n) {
    const auto gap = consent[n + 1]->at - consent[n]->at;
    shortest = std::min(shortest, gap);
    longest = std::max(longest, gap);
    sum += std::chrono::duration<double>(gap).count();
  }
  const auto gaps = std::max<std::size_t>(consent.size(), 1) - 1;
  Checks checks{.caption = "Consent", .rows = {}};
  checks.rows.push_back(
      {.what = "the shortest and the longest time between two checks (RFC 7675 §5.1)",
       .expected = "4 s to 6 s",
       .measured = fmt::format("{} to {}", seconds(shortest), seconds(longest)),
       .within = fmt::format("5 s · U(0.8, 1.2), {} times", gaps),
       .agrees = shortest >= 4s && longest <= 6s});
  // Uniform over 2 s: the deviation is 2 / √12.
  checks.rows.push_back(
      check_mean("their mean", 5, 0.57735, sum / static_cast<double>(gaps), gaps, "s"));
  checks.rows.push_back(
      check_text("checks that were sent again", "0",
                 std::to_string(consent.size() - transactions_of(consent).size())));

  const auto answers = stun_at(evidence, kAtA, Direction::Inbound, false);
  checks.rows.push_back(check_time(
      "consent ends so long after the last answer (RFC 7675 §5.1)", 30s,
      entered(evidence, kA, "failed") - (answers.empty() ? Duration{} : answers.back()->at)));
  return checks;
}

}  // namespace rtclab::validate
