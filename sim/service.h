// The servers of a topology, running on their machines.
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/event.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/tls/identity.h"
#include "topologies/topology.h"

#include <functional>
#include <memory>

namespace rtclab::sim {

class Host;

// A program on a machine, for as long as this object lives.
class Service {
 public:
  virtual ~Service() = default;
};

struct ServiceOptions {
  Deviations deviations;
  SeededRng rng;
  std::function<void(Instant, const Event&)> record;
  const topology::Topology& topology;         // where other servers stand
  const tls::Authority* authority = nullptr;  // issues certificates, where one is needed
};

[[nodiscard]] std::unique_ptr<Service> start(const topology::StunServer& server, Host& host,
                                             ServiceOptions options);
[[nodiscard]] std::unique_ptr<Service> start(const topology::TurnServer& server, Host& host,
                                             ServiceOptions options);
[[nodiscard]] std::unique_ptr<Service> start(const topology::SignallingServer& server, Host& host,
                                             ServiceOptions options);

}  // namespace rtclab::sim
