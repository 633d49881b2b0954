// A NAT64 in the network: translates what is for its prefix, and to all other IPv6 it is a firewall
// on the way, if its outside has IPv6.
#pragma once

#include "sim/link/simulation.h"
#include "sim/link/timer.h"
#include "sim/nat/firewall.h"
#include "sim/nat/gate_node.h"
#include "sim/nat/nat64.h"

#include <optional>

namespace rtclab::sim {

class Nat64Node final : public GateNode {
 public:
  // Takes both interfaces over. They outlive this object's traffic.
  Nat64Node(const topology::Nat64& nat, Interface& inside, Interface& outside, SeededRng rng,
            const nat::Translator::Record& record);

  // As those of NatNode.
  void restart();
  void set_behaviour(const topology::NatBehaviour& behaviour);
  void note_addresses_changed();

 private:
  nat::Verdict judge(Instant now, Side from, Bytes& packet) override;
  nat::Verdict follow(Side from, Bytes& part, const nat::FragmentFate& fate) override;
  void settle() override;
  void handle_timeout();
  void declare();

  topology::Nat64 plan_;
  nat::Translator::Record record_;
  nat::Nat64 nat_;
  std::optional<nat::Firewall> firewall_;  // nullopt: no other IPv6 passes
  Timer alarm_{[this] { handle_timeout(); }};
};

}  // namespace rtclab::sim
