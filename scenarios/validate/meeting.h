// Two ICE agents on hosts "a" and "b" of a simulated network, and how they come together.
//
// a offers and is controlling, b answers. Candidates trickle, and everything signalled takes 25 ms
// by a way outside the network, so that what decides is ICE and the network alone.
#pragma once

#include "agents/base/time.h"
#include "topologies/topology.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace rtclab::validate {

class Recording;

enum class Outcome {
  Direct,   // a datagram passed each way, and no relay was between
  Relayed,  // the same through the TURN server
  Failed,   // both agents said that ICE failed
  Open,     // the limit came first
};

struct Meeting {
  std::uint64_t seed = 1;
  bool has_relay = true;  // both are told of the topology's TURN server
  Duration limit = std::chrono::minutes{2};
  Recording* recording = nullptr;  // takes what happens, if anybody wants it
  // From then on nothing that a sends arrives; the run goes on to its limit. nullopt: never, and
  // the run is over as soon as both have come to an end.
  std::optional<Duration> cut{};
};

// Runs until both agents have come to an end. Precondition: the topology has hosts "a" and "b", a
// STUN server and, if `has_relay`, a TURN server.
[[nodiscard]] Outcome meet(const topology::Topology& topology, const Meeting& meeting);

}  // namespace rtclab::validate
