// A cable between two machines, each direction for itself as its LinkQuality says.
//
// Our own on ns-3's clock, not ns-3's point-to-point device: docs/decisions/0018. Whether a packet
// is lost is drawn when it is offered to the link, from a SeededRng of that direction, never from
// ns-3; a lost packet takes its time on the wire like any other.
//
// The capture tells what happened: what was lost carries a comment where it was sent ("lost on link
// …: 10 % loss"); what was delayed, copied or damaged one where it arrives ("link …: 48 ms in the
// queue"). What a queue drops after it had taken it is seen a second time where it was sent, in the
// moment of the drop.
#pragma once

#include "sim/link/handshake_watch.h"
#include "sim/link/interface.h"
#include "topologies/link_quality.h"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace rtclab::sim {

class Network;
class Wire;

struct LinkSpec {
  std::string name{};  // how comments call it; empty: "alice-laptop—home-a", after its ends
  topology::LinkQuality a_to_b{};
  topology::LinkQuality b_to_a{};
};

class Link {
 public:
  Link(Network& network, LinkSpec spec, InterfaceSpec a, InterfaceSpec b);

  [[nodiscard]] Interface& a() const { return *a_; }
  [[nodiscard]] Interface& b() const { return *b_; }

  // From now on. What waits stays in the queue, and what has left arrives as it would have.
  void set_quality(Way way, const topology::LinkQuality& quality);
  [[nodiscard]] const topology::LinkQuality& quality(Way way) const;

 private:
  void watch_if_asked();

  std::unique_ptr<Interface> a_;
  std::unique_ptr<Interface> b_;
  std::optional<HandshakeWatch> watch_;
  std::array<Wire*, 2> wires_{};  // the interfaces own them
};

}  // namespace rtclab::sim
