// A NAT in the network: carries packets between two interfaces and the translation core, which
// decides. IPv6 it does not translate; to that it is a firewall.
//
// The cores are Translator and Firewall.
#pragma once

#include "sim/link/timer.h"
#include "sim/nat/fault.h"
#include "sim/nat/firewall.h"
#include "sim/nat/gate_node.h"
#include "sim/nat/translator.h"

#include <optional>

namespace rtclab::sim {

class NatNode final : public GateNode {
 public:
  // Takes both interfaces over. They outlive this object's traffic.
  NatNode(const topology::Nat& nat, Interface& inside, Interface& outside, SeededRng rng,
          nat::Translator::Record record, std::set<nat::Fault> faults = {});

  [[nodiscard]] const nat::Translator& translator() const { return translator_; }

  // What the person who owns it does to it; see nat::Translator. As a firewall to IPv6 it does the
  // same: a restart forgets, and a new behaviour makes new rules.
  void restart();
  void set_behaviour(const topology::NatBehaviour& behaviour);
  // The interfaces have their new addresses already.
  void note_addresses_changed();

 private:
  nat::Verdict judge(Instant now, Side from, Bytes& packet) override;
  void settle() override;
  void handle_timeout();
  void declare();

  topology::Nat nat_;
  nat::Translator::Record record_;
  nat::Translator translator_;
  nat::FaultyTranslator faulty_;
  std::optional<nat::Firewall> firewall_;  // of IPv6; always there
  Timer alarm_{[this] { handle_timeout(); }};
};

}  // namespace rtclab::sim
