// Two hosts and the cable between them, in a simulation of their own.
#pragma once

#include "sim/capture/pcapng_writer.h"
#include "sim/host/host.h"
#include "sim/link/link.h"
#include "sim/link/network.h"
#include "sim/link/simulation.h"

#include <chrono>
#include <sstream>
#include <string>

namespace rtclab::sim {

using namespace std::chrono_literals;

struct HostPair {
  explicit HostPair(std::uint64_t seed = 1, double loss = 0)
      : network{seed, &writer},
        link{network,
             with(loss),
             {"alice", "eth0", *Prefix::parse("192.0.2.1/24")},
             {"bob", "eth0", *Prefix::parse("192.0.2.2/24")}},
        alice{"alice", SeededRng{seed}.fork("alice")},
        bob{"bob", SeededRng{seed}.fork("bob")} {
    alice.attach(link.a());
    bob.attach(link.b());
  }
  static LinkSpec with(double loss) {
    topology::LinkQuality quality;
    quality.delay = 10ms;
    quality.loss = loss;
    return {{}, 1500, quality, quality};
  }
  void run_for(Duration duration) { simulation.run_until(Simulation::now() + duration); }
  [[nodiscard]] std::string capture() const { return file.str(); }

  std::ostringstream file;
  capture::PcapngWriter writer{file, "test"};
  Simulation simulation;
  Network network;
  Link link;
  Host alice;
  Host bob;
};

}  // namespace rtclab::sim
