// Lifetimes of TURN: allocation, permission, channel, to the nanosecond.
#include "agents/stun/attributes.h"
#include "scenarios/validate/access.h"
#include "scenarios/validate/figures.h"
#include "scenarios/validate/recording.h"
#include "scenarios/validate/timers.h"
#include "scenarios/validate/turn_side.h"
#include "sim/host/agent_host.h"

#include <fmt/format.h>

#include <chrono>

namespace rtclab::validate {
namespace {

using namespace std::chrono_literals;
using evidence::Direction;

constexpr std::string_view kAtServer = "turn.eth0";
constexpr Port kPeerPort{7000};
constexpr Duration kPeerToServer = 25ms;

// What ends, by the names of the server's events, and which request began it.
struct Lease {
  std::string_view what;
  std::string_view rule;
  std::string_view begins;
  std::string_view ends;
  Duration lifetime;
  turn::Config client{};  // which never renews it
  TurnSide::Wants wants = TurnSide::Wants::Permission;
};

turn::Config never(std::initializer_list<Deviation> deviations) {
  turn::Config config;
  for (const auto deviation : deviations) config.deviations.add(deviation);
  return config;
}

std::vector<Lease> leases() {
  return {
      {.what = "allocation",
       .rule = "RFC 8656 §7.2",
       .begins = "turn:allocation_created",
       .ends = "turn:allocation_deleted",
       .lifetime = 600s,
       .client = never({Deviation::TurnNeverRefresh})},
      {.what = "permission",
       .rule = "RFC 8656 §9",
       .begins = "turn:permission_installed",
       .ends = "turn:permission_expired",
       .lifetime = 300s,
       .client = never({Deviation::TurnNeverRenewPermission})},
      {.what = "channel",
       .rule = "RFC 8656 §12",
       .begins = "turn:channel_bound",
       .ends = "turn:channel_expired",
       .lifetime = 600s,
       .client = never({Deviation::TurnNeverRebind}),
       .wants = TurnSide::Wants::Channel},
  };
}

// The peer sends to the relayed address so that one datagram comes there a nanosecond before the
// lease ends, and one at its end.
evidence::Evidence run_lease(const Lease& lease, std::uint64_t seed) {
  const auto topology = two_sides({}, {});
  Recording recording{topology};
  sim::World world{topology, recording.options(seed)};
  auto& peer = world.host(kB);
  const Endpoint local{*peer.address(Family::V4), kPeerPort};
  (void)peer.udp().bind(local, [](const Input&) {});
  std::optional<Endpoint> relayed;
  bool is_planned = false;
  recording.on_event = [&](Instant at, std::string_view machine, const Event& event) {
    if (machine != "turn") return;
    if (event.name == "turn:allocation_created")
      relayed = Endpoint::parse(std::get<std::string>(*event.find("relayed")));
    if (event.name != lease.begins || is_planned || !relayed) return;
    is_planned = true;
    for (const auto early : {1ns, 0ns}) {
      world.schedule(at + lease.lifetime - early - kPeerToServer, [&] {
        (void)peer.udp().send({Transport::Udp, local, *relayed}, as_octets("probe"));
      });
    }
  };
  auto rng = world.fork("client");
  auto config = lease.client;
  const auto& server = topology.turn_servers.front();
  config.server = {server.interface.address().ip, server.port};
  config.username = server.users.front().name;
  config.password = server.users.front().password;
  sim::AgentHost<TurnSide> client{
      world.host(kA), {recording.recorder_of(std::string{kA})}, config, local, lease.wants, rng};
  world.run_until(Instant{lease.lifetime + 10s});
  world.end_capture();
  return recording.read();
}

// What came to the server's relayed port, and whether it went on to the client at once, and how.
struct Relayed {
  std::vector<Duration> probes;
  std::vector<evidence::Kind> forms;  // in which each went on; Unknown: it did not
};
Relayed relayed_probes(const evidence::Evidence& evidence) {
  Relayed relayed;
  const auto outbound = packets_at(evidence, kAtServer, Direction::Outbound);
  for (const auto* const packet : packets_at(evidence, kAtServer, Direction::Inbound)) {
    if (packet->source.port != kPeerPort) continue;
    relayed.probes.push_back(packet->at);
    auto& form = relayed.forms.emplace_back(evidence::Kind::Unknown);
    for (const auto* const sent : outbound) {
      if (sent->at == packet->at && sent->dissection.carried) form = sent->dissection.kind;
    }
  }
  return relayed;
}

std::string forms_text(const std::vector<evidence::Kind>& forms) {
  std::string text;
  for (const auto form : forms) {
    text += (text.empty() ? "" : ", then ");
    text += form == evidence::Kind::Unknown ? "nothing"
            : form == evidence::Kind::Stun  ? "a Data indication"
                                            : to_string(form);
  }
  return text;
}

void add_lease(Checks& checks, const Lease& lease, std::uint64_t seed) {
  const auto evidence = run_lease(lease, seed);
  const auto begins = events_named(evidence, lease.begins);
  const auto ends = events_named(evidence, lease.ends);
  if (begins.empty() || ends.empty()) {
    checks.rows.push_back(check_text(fmt::format("{} begins and ends", lease.what), "yes", "no"));
    return;
  }
  checks.rows.push_back(check_time(fmt::format("{} lasts ({})", lease.what, lease.rule),
                                   lease.lifetime, ends.front()->at - begins.front()->at));
  const auto seen = relayed_probes(evidence);
  std::vector<Duration> since;
  for (const auto at : seen.probes) since.push_back(at - begins.front()->at);
  checks.rows.push_back(
      check_text(fmt::format("{}: the peer's datagrams come to the server after", lease.what),
                 text_of({lease.lifetime - 1ns, lease.lifetime}), text_of(since)));
  const bool is_channel = lease.wants == TurnSide::Wants::Channel;
  // A channel brings a permission, which lasts on: the client renews it.
  checks.rows.push_back(check_text(
      fmt::format("{}: they go on to the client as", lease.what),
      is_channel ? "ChannelData, then a Data indication" : "a Data indication, then nothing",
      forms_text(seen.forms)));
}

// The LIFETIME of the first success response.
void add_lifetime_attribute(Checks& checks, const evidence::Evidence& evidence) {
  for (const auto* const packet : stun_at(evidence, kAtServer, Direction::Outbound, false)) {
    const auto lifetime = packet->dissection.stun->find<stun::Lifetime>();
    if (!lifetime) continue;
    checks.rows.push_back(check_text("LIFETIME in the Allocate response (RFC 8656 §7.2)", "600",
                                     std::to_string(lifetime->value)));
    return;
  }
}

}  // namespace

Checks turn_timers(std::uint64_t seed) {
  Checks checks{.caption = "TURN", .rows = {}};
  for (const auto& lease : leases()) add_lease(checks, lease, seed);
  add_lifetime_attribute(checks, run_lease(leases().front(), seed));
  add_channel_reuse(checks, seed);
  return checks;
}

}  // namespace rtclab::validate
