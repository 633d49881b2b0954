#include "scenarios/validate/solo_ice.h"

#include "scenarios/validate/access.h"
#include "sim/host/host.h"

#include <fmt/format.h>

namespace rtclab::validate {
namespace {

constexpr Port kFirstDeaf{9000};

Ip address_of_b(sim::World& world) {
  return *world.host(kB).address(Family::V4);
}

Port plus(Port port, std::size_t n) {
  return Port{static_cast<std::uint16_t>(port.value() + n)};
}

ice::Candidate deaf_candidate(const Ip& ip, std::size_t n) {
  ice::Candidate candidate;
  candidate.address = {ip, plus(kFirstDeaf, n)};
  candidate.foundation = fmt::format("deaf{}", n);
  candidate.priority = ice::Priority{static_cast<std::uint32_t>(2130706431 - 256 * n)};
  return candidate;
}

}  // namespace

void be_deaf(sim::World& world, Port first, std::size_t count) {
  for (std::size_t n = 0; n < count; ++n) {
    const Endpoint local{address_of_b(world), plus(first, n)};
    (void)world.host(kB).udp().bind(local, [](const Input&) {});
  }
}

void be_deaf_on_tcp(sim::World& world, Port port) {
  (void)world.host(kB).tcp().listen(
      {address_of_b(world), port},
      [](tcp::ConnectionId, const Path&) { return sim::TcpHandlers{}; });
}

evidence::Evidence run_solo(const topology::Topology& topology, const SoloPlan& plan,
                            std::uint64_t seed) {
  Recording recording{topology};
  sim::World world{topology, recording.options(seed)};
  be_deaf(world, kFirstDeaf, plan.remote_candidates);
  be_deaf(world, Port{3478}, 1);
  be_deaf_on_tcp(world, Port{3478});
  auto rng = world.fork("ice");
  sim::AgentHost<ice::Agent> host{world.host(kA),
                                  {recording.recorder_of(std::string{kA}),
                                   [](Instant, ice::Agent& agent) {
                                     bool any = false;
                                     while (agent.poll_event()) any = true;
                                     return any;
                                   }},
                                  plan.configuration,
                                  rng};
  const auto b = address_of_b(world);
  host.call([&](Instant now, ice::Agent& agent) {
    const auto stream = agent.add_stream(now);
    agent.gather(now);
    if (!plan.checks) return;
    for (std::size_t n = 0; n < plan.remote_candidates; ++n)
      agent.add_remote_candidate(now, stream, deaf_candidate(b, n));
    agent.set_remote_credentials(now, stream, {"peer", "0123456789012345678901"});
    agent.end_of_remote_candidates(now, stream);
  });
  world.run_until(Instant{plan.length});
  world.end_capture();
  return recording.read();
}

}  // namespace rtclab::validate
