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
#include <vector>

namespace rtclab::sim {

using namespace std::chrono_literals;

// Passes on what one interface sees: two sightings of a segment look to Wireshark like a
// retransmission.
class OneSide final : public capture::Sink {
 public:
  explicit OneSide(capture::Sink& sink) : sink_{sink} {}
  capture::InterfaceId add_interface(const capture::InterfaceInfo& info) override {
    return sink_.add_interface(info);
  }
  void packet(const capture::Sighting& sighting) override {
    if (sighting.interface.value() == 0) sink_.packet(sighting);
  }
  void dropped(const capture::Sighting& sighting, std::string_view comment) override {
    if (sighting.interface.value() == 0) sink_.dropped(sighting, comment);
  }
  void secrets(Instant at, std::string_view nss_line) override { sink_.secrets(at, nss_line); }

 private:
  capture::Sink& sink_;
};

enum class Families { V4, Both };

struct HostPair {
  explicit HostPair(std::uint64_t seed = 1, double loss = 0, std::size_t mtu = 1500,
                    Families families = Families::V4)
      : network{seed, &alices_side},
        link{network,
             with(loss, mtu),
             {"alice", "eth0", addresses(families, "1")},
             {"bob", "eth0", addresses(families, "2")}},
        alice{"alice", SeededRng{seed}.fork("alice")},
        bob{"bob", SeededRng{seed}.fork("bob")} {
    alice.attach(link.a());
    bob.attach(link.b());
  }
  static std::vector<Prefix> addresses(Families families, const std::string& number) {
    std::vector<Prefix> all{*Prefix::parse("192.0.2." + number + "/24")};
    if (families == Families::Both) all.push_back(*Prefix::parse("2001:db8::" + number + "/64"));
    return all;
  }
  static LinkSpec with(double loss, std::size_t mtu) {
    topology::LinkQuality quality;
    quality.delay = 10ms;
    quality.loss = loss;
    quality.mtu = mtu;
    return {{}, quality, quality};
  }
  void run_for(Duration duration) { simulation.run_until(Simulation::now() + duration); }
  [[nodiscard]] std::string capture() const { return file.str(); }

  std::ostringstream file;
  capture::PcapngWriter writer{file, "test"};
  OneSide alices_side{writer};
  Simulation simulation;
  Network network;
  Link link;
  Host alice;
  Host bob;
};

}  // namespace rtclab::sim
