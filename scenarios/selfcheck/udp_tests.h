// The tests of one NAT or firewall over UDP.
//
// RFC 5780's client finds mapping, filtering, hairpinning and the lifetime. What it has no test for
// is looked at from both sides at once, which only a laboratory can: port allocation, pooling,
// refreshing, the lifetime of what was never answered, ICMP errors.
#pragma once

#include "agents/stun/behaviour_discovery.h"
#include "scenarios/selfcheck/observation.h"
#include "scenarios/selfcheck/stand.h"

#include <array>

namespace rtclab::selfcheck {

// What the tests need to know to choose their stimuli; never what they are to find.
struct UdpPlan {
  std::array<Port, 2> server_ports{Port{3478}, Port{3479}};
  topology::PortRange inside_ports{Port{1024}, Port{65535}};  // those that a NAT could keep
  Duration settling = std::chrono::seconds{5};  // after that a mapping counts as in use
  bool translates = true;                       // else: a firewall
  bool any_port = true;                         // the inside may send to every port
  std::function<Ip(const Ip&)> reaches;         // of a NAT64: BehaviourDiscovery::Config::reaches
};

// How the server's addresses are called from the probe's side.
[[nodiscard]] Ip seen_from_inside(const UdpPlan& plan, const Bench& bench, std::size_t which);

[[nodiscard]] UdpSeen test_udp(const Stand& stand, const UdpPlan& plan);

// RFC 5780's client alone, on any machine.
[[nodiscard]] stun::NatBehaviour discover(sim::World& world, sim::Host& host,
                                          stun::BehaviourDiscovery::Config config,
                                          std::function<void(Instant, const Event&)> record);

}  // namespace rtclab::selfcheck
