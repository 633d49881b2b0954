// One ICE agent on host "a" whose peer does not answer: what it does when is its own doing.
#pragma once

#include "agents/ice/agent.h"
#include "scenarios/validate/recording.h"
#include "sim/host/agent_host.h"
#include "topologies/topology.h"

#include <cstddef>
#include <cstdint>

namespace rtclab::validate {

struct SoloPlan {
  ice::Configuration configuration{};
  std::size_t remote_candidates = 0;  // host candidates on host "b", all deaf, from port 9000 up
  bool checks = true;                 // the peer's credentials are known, and the end of candidates
  Duration length = std::chrono::seconds{60};
};

// Gathers, and knows all remote candidates, at the run's begin. Precondition: the topology has
// hosts "a" and "b".
[[nodiscard]] evidence::Evidence run_solo(const topology::Topology& topology, const SoloPlan& plan,
                                          std::uint64_t seed);

// Ports of "b" that take UDP datagrams, or TCP connections, and answer nothing.
void be_deaf(sim::World& world, Port first, std::size_t count);
void be_deaf_on_tcp(sim::World& world, Port port);

}  // namespace rtclab::validate
