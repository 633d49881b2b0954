// A NAT in the network: carries packets between two interfaces and the translation core, which
// decides. IPv6 it does not translate; to that it is a firewall.
//
// The cores are Translator and Firewall. Here is the simulator's timer besides.
#pragma once

#include "sim/nat/firewall.h"
#include "sim/nat/gate_node.h"
#include "sim/nat/translator.h"

#include <memory>

namespace rtclab::sim {

class NatNode final : public GateNode {
 public:
  // Takes both interfaces over. They outlive this object's traffic.
  NatNode(const topology::Nat& nat, Interface& inside, Interface& outside, SeededRng rng,
          nat::Translator::Record record);
  ~NatNode() override;

  [[nodiscard]] const nat::Translator& translator() const { return translator_; }

 private:
  struct Alarm;
  nat::Verdict judge(Instant now, Side from, Bytes& packet) override;
  void arm();

  nat::Translator translator_;
  nat::Firewall firewall_;
  std::unique_ptr<Alarm> alarm_;
};

}  // namespace rtclab::sim
