// A cable between two machines: delay, rate with a drop-tail queue, and loss, each direction for
// itself.
//
// Over ns-3's PointToPointNetDevice and PointToPointChannel. Serialisation counts the packet and
// the two octets of PPP framing that the device adds. Losses are drawn from a SeededRng per
// direction, never from ns-3.
#pragma once

#include "agents/base/time.h"
#include "sim/link/interface.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace rtclab::sim {

class Network;

// One direction of a link.
struct LinkDirection {
  std::uint64_t bits_per_second = 1'000'000'000;
  double loss = 0;                  // probability, 0 to 1
  std::size_t queue_packets = 100;  // behind the one that is being sent
};

struct LinkSpec {
  std::string name;  // how comments call it; empty: "alice-laptop—home-a", after its ends
  Duration delay{};  // one way; ns-3's channel has one for both directions
  std::size_t mtu = 1500;
  LinkDirection a_to_b;
  LinkDirection b_to_a;
};

class Link {
 public:
  Link(Network& network, const LinkSpec& spec, InterfaceSpec a, InterfaceSpec b);

  [[nodiscard]] Interface& a() const { return *a_; }
  [[nodiscard]] Interface& b() const { return *b_; }

 private:
  std::unique_ptr<Interface> a_;
  std::unique_ptr<Interface> b_;
};

}  // namespace rtclab::sim
