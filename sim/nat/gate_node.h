// A machine with an inside and an outside that lets packets pass between them as it decides: what
// NATs, translators and firewalls have in common in the network.
//
// Here are only the duties of every machine on the way (hop limit, MTU, fragments, ICMP errors from
// the interface's own address).
#pragma once

#include "sim/link/interface.h"
#include "sim/link/timer.h"
#include "sim/nat/fragment_tracker.h"
#include "sim/nat/verdict.h"

#include <optional>
#include <string>
#include <vector>

namespace rtclab::sim {

class GateNode {
 public:
  // Takes both interfaces over. They outlive this object's traffic. Without `fragments` a fragment
  // is judged like any packet: what a machine without state does.
  GateNode(std::string name, Interface& inside, Interface& outside,
           std::optional<topology::Fragments> fragments);
  GateNode(const GateNode&) = delete;
  GateNode& operator=(const GateNode&) = delete;
  virtual ~GateNode() = default;

  [[nodiscard]] const std::string& name() const { return name_; }

 protected:
  using Side = nat::FragmentTracker::Side;

  [[nodiscard]] Interface& inside() const { return inside_; }
  [[nodiscard]] Interface& outside() const { return outside_; }
  // nullptr: this machine does not track them.
  [[nodiscard]] nat::FragmentTracker* fragments() { return fragments_ ? &*fragments_ : nullptr; }

 private:
  // What becomes of a packet, or of the first part of one, that came from that side; it may be
  // changed.
  virtual nat::Verdict judge(Instant now, Side from, Bytes& packet) = 0;
  // The same for a later part of a packet whose first one did not stay behind.
  virtual nat::Verdict follow(Side from, Bytes& part, const nat::FragmentFate& fate);

  // Called when a packet has been dealt with, for what the machine sends of its own.
  virtual void settle() {}

  void handle(Interface& in, const Arrival& arrival);
  void pass_or_drop(Interface& in, const Arrival& arrival);
  void handle_fragment(Interface& in, const Arrival& arrival, const ip::Fragment& fragment);
  void pass(Interface& in, const Arrival& arrival, Bytes packet, nat::Verdict verdict);
  void give_up();

  std::string name_;
  Interface& inside_;
  Interface& outside_;
  std::optional<nat::FragmentTracker> fragments_;
  Timer patience_{[this] { give_up(); }};
};

}  // namespace rtclab::sim
