// A machine with an inside and an outside that lets packets pass between them as it decides: what
// NATs and firewalls have in common in the network.
//
// Here are only the duties of every machine on the way (hop limit, MTU, ICMP errors from the
// interface's own address).
#pragma once

#include "sim/link/interface.h"
#include "sim/nat/verdict.h"

#include <string>

namespace rtclab::sim {

class GateNode {
 public:
  // Takes both interfaces over. They outlive this object's traffic.
  GateNode(std::string name, Interface& inside, Interface& outside);
  GateNode(const GateNode&) = delete;
  GateNode& operator=(const GateNode&) = delete;
  virtual ~GateNode() = default;

  [[nodiscard]] const std::string& name() const { return name_; }

 protected:
  enum class Side { Inside, Outside };
  [[nodiscard]] Interface& inside() { return inside_; }
  [[nodiscard]] Interface& outside() { return outside_; }

 private:
  // What becomes of a packet that came from that side; it may be changed.
  virtual nat::Verdict judge(Instant now, Side from, Bytes& packet) = 0;
  // Called when a packet has been dealt with, for what the machine sends of its own.
  virtual void settle() {}
  void handle(Interface& in, const Arrival& arrival);
  void pass_or_drop(Interface& in, const Arrival& arrival);

  std::string name_;
  Interface& inside_;
  Interface& outside_;
};

}  // namespace rtclab::sim
