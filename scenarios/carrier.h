// What carries the signalling of a run, built as the scenario wants it: a WebSocket of each peer
// through the simulated network, or a courier for all of them.
#pragma once

#include "scenarios/scenario.h"
#include "sim/courier/courier.h"
#include "sim/server/channel.h"
#include "topologies/topology.h"

#include <memory>
#include <optional>

namespace rtclab::sim {
class World;
}

namespace rtclab::scenario {

class Carrier {
 public:
  // `record` is told what becomes of a courier's pieces. All that is given outlives this object.
  Carrier(const Scenario& scenario, sim::World& world, signalling::Courier::Record record);

  // The end of one peer; it must not outlive this object.
  [[nodiscard]] std::unique_ptr<signalling::Channel> channel(const Peer& peer);
  [[nodiscard]] signalling::Receipt receipt() const;
  // Precondition: the scenario's is a courier.
  void set(const signalling::CourierTerms& terms) { courier_->set(terms); }

 private:
  const Scenario& scenario_;
  sim::World& world_;
  std::optional<signalling::Courier> courier_;
};

}  // namespace rtclab::scenario
