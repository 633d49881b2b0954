// A NAT as a box with two sides: packets are put in at one and come out at either. The same
// questions can so be put to a NAT of ours and to that of a kernel.
//
// Inside is 192.168.1.0/24 with the NAT at .1, outside 198.51.100.0/24 with the NAT at .1 too;
// packets to any address may be put in, and whatever leaves on a side is seen.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/time.h"
#include "topologies/nat.h"

#include <tl/expected.hpp>

#include <memory>
#include <string>
#include <vector>

namespace rtclab::bridge {

class NatBox {
 public:
  enum class Side { Inside, Outside };
  struct Packet {
    Side side;
    Bytes octets;
  };

  virtual ~NatBox() = default;
  virtual void put(Side side, Bytes packet) = 0;
  // Lets that much of the box's own time go by, and returns what came out since the last call.
  virtual std::vector<Packet> wait(Duration time) = 0;
};

// The lifetimes that both boxes are given, so that a kernel is asked in seconds and not in minutes.
struct ShortLifetimes {
  Duration udp = std::chrono::seconds{3};
  Duration udp_answered = std::chrono::seconds{6};
  Duration icmp = std::chrono::seconds{3};
  Duration tcp_opening = std::chrono::seconds{3};
  Duration tcp_established = std::chrono::seconds{8};
  Duration tcp_closing = std::chrono::seconds{4};  // from the first FIN on, where that counts
  Duration tcp_reset = std::chrono::seconds{2};
};

// A NAT of ours inside a world of its own: at most one lives at a time (sim/link/simulation.h).
[[nodiscard]] std::unique_ptr<NatBox> make_simulated_nat(topology::NatBehaviour behaviour,
                                                         const ShortLifetimes& lifetimes,
                                                         std::size_t outside_mtu);

// Netfilter's in a network namespace. `rule` is the target of iptables' POSTROUTING chain and its
// options: "MASQUERADE --random-fully". What comes from outside to the NAT itself is dropped, as on
// every router with a firewall: without that an unsolicited packet would take its port.
[[nodiscard]] tl::expected<std::unique_ptr<NatBox>, std::string> make_kernel_nat(
    const std::string& rule, const ShortLifetimes& lifetimes, std::size_t outside_mtu);

}  // namespace rtclab::bridge
