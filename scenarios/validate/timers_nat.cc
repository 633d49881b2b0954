// How long a NAT remembers: UDP, TCP and ICMP, to the nanosecond.
#include "agents/base/checksum.h"
#include "scenarios/validate/access.h"
#include "scenarios/validate/figures.h"
#include "scenarios/validate/recording.h"
#include "scenarios/validate/timers.h"
#include "sim/host/host.h"
#include "topologies/nat_presets.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace rtclab::validate {
namespace {

using namespace std::chrono_literals;
using evidence::Direction;

constexpr std::string_view kOutside = "gate-a.outside";
constexpr Duration kPeerToNat = 39ms;
constexpr Port kListening{8000};

// What host "a" does at the begin of the run.
using Deed = std::function<void(sim::World&)>;

Endpoint peer_endpoint(sim::World& world, Port port) {
  return {*world.host(kB).address(Family::V4), port};
}
Endpoint own_endpoint(sim::World& world) {
  return {*world.host(kA).address(Family::V4), Port{5000}};
}

void send_udp(sim::World& world) {
  const auto silent = [](const Input&) {};
  (void)world.host(kB).udp().bind(peer_endpoint(world, kListening), silent);
  auto& udp = world.host(kA).udp();
  (void)udp.bind(own_endpoint(world), silent);
  (void)udp.send({Transport::Udp, own_endpoint(world), peer_endpoint(world, kListening)},
                 as_octets("one"));
}

void send_ping(sim::World& world) {
  ByteWriter echo;
  echo.u8(8).u8(0).u16(0).u16(1).u16(1).text("ping");  // RFC 792: echo, code, checksum, id, number
  echo.patch_u16(2, checksum_close(checksum_add(0, echo.view())));
  (void)world.host(kA).send(own_endpoint(world).ip, peer_endpoint(world, kListening).ip,
                            ip::Protocol::Icmp, echo.view());
}

// Connects; `then` is what each side does with a connection that stands.
void connect_tcp(sim::World& world, bool closes) {
  const auto handlers = [closes](sim::Host& host) {
    return [&host, closes](tcp::ConnectionId id, const Path&) {
      sim::TcpHandlers made;
      made.connected = [&host, closes, id] {
        if (closes) host.tcp().close(id);
      };
      made.finished = [&host, closes, id] {
        if (closes) host.tcp().close(id);
      };
      return made;
    };
  };
  (void)world.host(kB).tcp().listen(peer_endpoint(world, kListening), handlers(world.host(kB)));
  (void)world.host(kA).tcp().connect(own_endpoint(world), peer_endpoint(world, kListening),
                                     handlers(world.host(kA)));
}

void connect_to_nobody(sim::World& world) {
  (void)world.host(kA).tcp().connect(
      own_endpoint(world), peer_endpoint(world, kListening),
      [](tcp::ConnectionId, const Path&) { return sim::TcpHandlers{}; });
}

void connect_to_silence(sim::World& world) {
  auto quality = world.quality("internet", kB);
  quality.loss = 1;
  world.set_quality("internet", kB, quality);
  connect_to_nobody(world);
}

evidence::Evidence run_deed(const topology::NatBehaviour& nat, const Deed& deed, Duration length,
                            std::uint64_t seed) {
  const auto topology = two_sides({.gate = Gate::Nat, .nat = nat}, {});
  Recording recording{topology};
  sim::World world{topology, recording.options(seed)};
  world.schedule(Instant{}, [&] { deed(world); });
  world.run_until(Instant{length});
  world.end_capture();
  return recording.read();
}

// From the last packet that passed the NAT and counts to the end of its mapping; zero when none
// ended. Of UDP and ICMP what comes in does not count by default (RFC 4787 REQ-6), of TCP it does.
Duration remembered(const evidence::Evidence& evidence, Transport transport = Transport::Udp) {
  const auto ended = events_named(evidence, "nat:mapping_expired");
  if (ended.empty()) return {};
  Duration last{};
  for (const auto direction : {Direction::Outbound, Direction::Inbound}) {
    if (direction == Direction::Inbound && transport == Transport::Udp) continue;
    for (const auto* const packet : packets_at(evidence, kOutside, direction)) {
      if (packet->at < ended.front()->at) last = std::max(last, packet->at);
    }
  }
  return ended.front()->at - last;
}

// The peer's datagrams come to the NAT a nanosecond before its mapping ends, and at its end.
void add_edge(Checks& checks, std::uint64_t seed) {
  const topology::NatBehaviour nat;
  const auto lifetime = nat.lifetimes.udp;
  const auto topology = two_sides({.gate = Gate::Nat, .nat = nat}, {});
  Recording recording{topology};
  sim::World world{topology, recording.options(seed)};
  recording.on_event = [&](Instant at, std::string_view, const Event& event) {
    if (event.name != "nat:mapping_created") return;
    const auto outside = *Endpoint::parse(std::get<std::string>(*event.find("outside")));
    for (const auto early : {1ns, 0ns}) {
      world.schedule(at + lifetime - early - kPeerToNat, [&world, outside] {
        (void)world.host(kB).udp().send({Transport::Udp, peer_endpoint(world, kListening), outside},
                                        as_octets("probe"));
      });
    }
  };
  world.schedule(Instant{}, [&] { send_udp(world); });
  world.run_until(Instant{lifetime + 10s});
  world.end_capture();
  const auto evidence = recording.read();

  const auto sent = time_of_first(packets_at(evidence, kOutside, Direction::Outbound));
  std::vector<Duration> passed;
  std::vector<Duration> filtered;
  for (const auto* const packet : packets_at(evidence, kOutside, Direction::Inbound))
    (packet->comment.empty() ? passed : filtered).push_back(packet->at - sent);
  checks.rows.push_back(check_text("UDP: a datagram from outside still passes after",
                                   text_of({lifetime - 1ns}), text_of(passed)));
  checks.rows.push_back(check_text("UDP: one is filtered after (RFC 4787 REQ-5: 5 min or more)",
                                   text_of({lifetime}), text_of(filtered)));
}

bool lets_udp_out(const topology::Policy& policy) {
  const topology::Service any_udp{.transport = Transport::Udp};
  return std::ranges::count(policy.blocks, Transport::Udp) == 0 &&
         (policy.allows.empty() || std::ranges::count(policy.allows, any_udp) > 0);
}

// Every preset that passes UDP forgets it when it says.
void add_presets(Checks& checks, std::uint64_t seed) {
  for (const auto& preset : topology::nat_presets()) {
    if (!lets_udp_out(preset.behaviour.policy)) continue;
    const auto lifetime = preset.behaviour.lifetimes.udp;
    const auto evidence = run_deed(preset.behaviour, send_udp, lifetime + 10s, seed);
    checks.rows.push_back(
        check_time(fmt::format("preset {}: unanswered UDP{}", preset.name,
                               lifetime < 2min ? " (less than the 2 min of RFC 4787 REQ-5)" : ""),
                   lifetime, remembered(evidence)));
  }
}

}  // namespace

Checks nat_timers(std::uint64_t seed) {
  struct Memory {
    std::string_view what;
    Duration lifetime;
    Deed deed;
    Transport transport = Transport::Tcp;
  };
  const topology::NatBehaviour nat;
  const std::vector<Memory> memories{
      {"ICMP: after the last packet (RFC 5508 REQ-2: 60 s or more)", 60s, send_ping,
       Transport::Udp},
      {"TCP established (RFC 5382 REQ-5: 2 h 4 min or more)", 7440s,
       [](sim::World& world) { connect_tcp(world, false); }},
      {"TCP opening, SYN unanswered (RFC 5382 REQ-5: 4 min or more)", 240s, connect_to_silence},
      {"TCP closed by both", 240s, [](sim::World& world) { connect_tcp(world, true); }},
      {"TCP reset (RFC 7857 §2.2)", 240s, connect_to_nobody},
  };
  Checks checks{.caption = "NAT: the model's defaults, and its presets", .rows = {}};
  add_edge(checks, seed);
  for (const auto& [what, lifetime, deed, transport] : memories) {
    checks.rows.push_back(
        check_time(std::string{what}, lifetime,
                   remembered(run_deed(nat, deed, lifetime + 1000s, seed), transport)));
  }
  add_presets(checks, seed);
  return checks;
}

}  // namespace rtclab::validate
