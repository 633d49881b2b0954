// Two machines and the link between them; what bob gets is noted with its time.
#pragma once

#include "agents/base/ip_packet.h"
#include "sim/link/link.h"
#include "sim/link/network.h"
#include "sim/link/simulation.h"
#include "tests/sim/capture/sightings.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace rtclab::sim {

// An IP packet of exactly this many octets.
inline Bytes a_packet(std::size_t octets, std::uint16_t port = 1000) {
  return ip::build_udp({Endpoint::parse("10.0.0.1:0")->ip, Port{port}},
                       *Endpoint::parse("10.0.0.2:2000"), Bytes(octets - 28), 0);
}

inline LinkSpec with(const topology::LinkQuality& quality) {
  return {{}, quality, quality};
}

struct Pair {
  struct Got {
    Instant at;
    std::size_t size;
    std::uint64_t identity;
    Bytes packet;
  };

  explicit Pair(LinkSpec spec, std::uint64_t seed = 1)
      : network{seed, &sightings},
        link{network,
             std::move(spec),
             {"alice", "eth0", {*Prefix::parse("10.0.0.1/24")}},
             {"bob", "eth0", {*Prefix::parse("10.0.0.2/24")}}} {
    link.b().on_receive([this](ByteView packet, PacketId identity) {
      got.push_back(
          {Simulation::now(), packet.size(), identity.value(), {packet.begin(), packet.end()}});
    });
  }
  // One packet each `interval`, from now on, and a second for the last ones to arrive.
  void send_evenly(std::size_t packets, std::size_t octets, Duration interval) {
    const auto begin = Simulation::now();
    for (std::size_t i = 0; i < packets; ++i) {
      simulation.run_until(begin + interval * i);
      link.a().send_new(a_packet(octets));
    }
    simulation.run_until(Simulation::now() + std::chrono::seconds{1});
  }
  void run_until(Duration at) { simulation.run_until(Instant{at}); }

  [[nodiscard]] std::vector<std::string> notes() const {
    std::vector<std::string> found;
    for (const auto& one : sightings.seen) {
      if (!one.note.empty()) found.push_back(one.note);
    }
    return found;
  }

  Sightings sightings;
  Simulation simulation;
  Network network;
  Link link;
  std::vector<Got> got;
};

}  // namespace rtclab::sim
