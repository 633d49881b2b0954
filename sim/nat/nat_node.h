// A NAT in the network: carries packets between two interfaces and the translation core, which
// decides.
//
// The core is Translator. Here are only the duties of every machine on the way (hop limit, MTU,
// ICMP errors from the interface's own address) and the simulator's timer.
#pragma once

#include "sim/link/interface.h"
#include "sim/nat/translator.h"

#include <memory>
#include <string>

namespace rtclab::sim {

class NatNode {
 public:
  // Takes both interfaces over. They outlive this object's traffic.
  NatNode(const topology::Nat& nat, Interface& inside, Interface& outside, SeededRng rng,
          nat::Translator::Record record);
  NatNode(const NatNode&) = delete;
  NatNode& operator=(const NatNode&) = delete;
  ~NatNode();

  [[nodiscard]] const nat::Translator& translator() const { return translator_; }

 private:
  struct Alarm;
  void handle(Interface& in, const Arrival& arrival);
  void arm();

  std::string name_;
  Interface& inside_;
  Interface& outside_;
  nat::Translator translator_;
  std::unique_ptr<Alarm> alarm_;
};

}  // namespace rtclab::sim
