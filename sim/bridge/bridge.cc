#include "sim/bridge/bridge.h"

#include "agents/base/ip_packet.h"
#include "sim/host/host.h"
#include "sim/link/interface.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <chrono>

namespace rtclab::bridge {
namespace {

constexpr std::size_t kLargestPacket = 65535;
constexpr Duration kStep = std::chrono::microseconds{500};

using Clock = std::chrono::steady_clock;

}  // namespace

// One device and the interface that it stands for.
struct Bridge::Way {
  int device;
  sim::Interface* interface;

  // A program sends in the name of the interface, or not at all: kernels also speak for themselves
  // (multicast listener reports and the like), which no simulated machine wants to hear.
  [[nodiscard]] bool may_send(ByteView packet) const {
    const auto header = ip::Header::parse(packet);
    return header && interface->has_address(header->source) && !header->destination.is_multicast();
  }
};

NamespaceSpec namespace_for(const topology::Topology& topology, const topology::Host& host) {
  NamespaceSpec spec;
  for (const auto& interface : host.interfaces) {
    spec.devices.push_back({.name = interface.name, .addresses = interface.addresses});
  }
  spec.hosts_file = "127.0.0.1 localhost\n::1 localhost\n";
  for (const auto& machine : topology.machine_names()) {
    for (const auto& interface : topology.interfaces_of(machine)) {
      // Of a NAT only what the world sees: its name is asked for from outside.
      if (interface.name == "inside") continue;
      for (const auto& address : interface.addresses) {
        spec.hosts_file += fmt::format("{} {}\n", address.ip.to_string(), machine);
      }
    }
  }
  return spec;
}

Bridge::Bridge(sim::World& world, std::vector<Attachment> attachments) : world_{world} {
  for (const auto& [machine, space] : attachments) {
    const auto& interfaces = world_.host(machine).interfaces();
    assert(interfaces.size() == space->devices().size());
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
      auto& way = *ways_.emplace_back(
          std::make_unique<Way>(Way{space->devices()[i].number(), interfaces[i]}));
      way.interface->on_receive([&way](ByteView packet, auto) {
        // A kernel that has no room drops it, as a network card would.
        [[maybe_unused]] const auto written = write(way.device, packet.data(), packet.size());
      });
    }
  }
}

Bridge::~Bridge() {
  for (const auto& way : ways_) way->interface->on_receive([](ByteView, auto) {});
}

// Returns whether there was any.
bool Bridge::take_packets() {
  bool any = false;
  std::array<std::byte, kLargestPacket> buffer;
  for (const auto& way : ways_) {
    while (true) {
      const auto size = read(way->device, buffer.data(), buffer.size());
      if (size <= 0) break;
      const auto packet = ByteView{buffer}.first(static_cast<std::size_t>(size));
      if (!way->may_send(packet)) continue;
      way->interface->send_new({packet.begin(), packet.end()});
      any = true;
    }
  }
  return any;
}

void Bridge::run(const std::function<bool()>& done, Duration at_most) {
  const auto began = Clock::now();
  const auto first = world_.now();
  std::vector<pollfd> polled;
  for (const auto& way : ways_) polled.push_back({way->device, POLLIN, 0});
  constexpr timespec kPatience{0, std::chrono::nanoseconds{kStep}.count()};
  while (true) {
    const auto elapsed = std::chrono::duration_cast<Duration>(Clock::now() - began);
    if (elapsed >= at_most || !world_.run_until(first + elapsed)) return;
    if (take_packets()) continue;
    if (done()) return;
    ppoll(polled.data(), polled.size(), &kPatience, nullptr);
  }
}

}  // namespace rtclab::bridge
