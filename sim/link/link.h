// A cable between two machines: delay, rate with a drop-tail queue, and loss, each direction for
// itself.
//
// Over ns-3's PointToPointNetDevice and PointToPointChannel. Sending a packet of n octets takes (n
// + 2) * 8 / rate: the device adds two octets of PPP framing. Whether a packet is lost is drawn
// when it is offered to the link, from a SeededRng of that direction, never from ns-3; a lost
// packet takes its time on the wire like any other.
#pragma once

#include "sim/link/interface.h"
#include "topologies/topology.h"

#include <cstddef>
#include <memory>
#include <string>

namespace rtclab::sim {

class Network;

struct LinkSpec {
  std::string name;        // how comments call it; empty: "alice-laptop—home-a", after its ends
  std::size_t mtu = 1500;  // octets of an IP packet
  topology::LinkQuality a_to_b;
  topology::LinkQuality b_to_a;
};

class Link {
 public:
  Link(Network& network, LinkSpec spec, InterfaceSpec a, InterfaceSpec b);

  [[nodiscard]] Interface& a() const { return *a_; }
  [[nodiscard]] Interface& b() const { return *b_; }

 private:
  std::unique_ptr<Interface> a_;
  std::unique_ptr<Interface> b_;
};

}  // namespace rtclab::sim
