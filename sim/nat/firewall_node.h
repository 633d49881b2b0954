// A firewall in the network: carries packets between two interfaces and nat::Firewall, which
// decides.
#pragma once

#include "sim/link/simulation.h"
#include "sim/link/timer.h"
#include "sim/nat/firewall.h"
#include "sim/nat/gate_node.h"

#include <utility>

namespace rtclab::sim {

class FirewallNode final : public GateNode {
 public:
  // Takes both interfaces over. They outlive this object's traffic.
  FirewallNode(const topology::Firewall& firewall, Interface& inside, Interface& outside,
               nat::Firewall::Record record)
      : GateNode{firewall.name, inside, outside, topology::Fragments::OutOfOrder},
        firewall_{nat::Firewall::rules_of(firewall), std::move(record)} {}

 private:
  nat::Verdict judge(Instant now, Side from, Bytes& packet) override {
    return from == Side::Inside ? firewall_.from_inside(now, packet)
                                : firewall_.from_outside(now, packet);
  }
  void settle() override {
    while (auto packet = firewall_.poll_output()) outside().send_new(*std::move(packet));
    alarm_.arm(firewall_.next_wakeup());
  }

  nat::Firewall firewall_;
  Timer alarm_{[this] {
    firewall_.handle_timeout(Simulation::now());
    settle();
  }};
};

}  // namespace rtclab::sim
