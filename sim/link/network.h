// What all interfaces of one world share: the packet identities, the capture, and a node of ns-3
// for each machine.
#pragma once

#include "agents/base/rng.h"
#include "sim/capture/sink.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace ns3 {
class Node;
}

namespace rtclab::sim {

class Network {
 public:
  // `sink` may be null: then nothing is captured. Each link direction draws from a fork of `seed`
  // of its own.
  Network(std::uint64_t seed, capture::Sink* sink);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  ~Network();

  [[nodiscard]] PacketIds& packet_ids() { return packet_ids_; }
  [[nodiscard]] capture::Sink* sink() const { return sink_; }
  // From now on nothing is captured.
  void end_capture() { sink_ = nullptr; }
  [[nodiscard]] SeededRng fork(std::string_view name) const { return root_.fork(name); }
  // The number of the next interface; also told to the sink.
  [[nodiscard]] capture::InterfaceId add_interface(const capture::InterfaceInfo& info);
  // The ns-3 node that stands for `machine`, made when it is first asked for.
  [[nodiscard]] ns3::Node& node(const std::string& machine);

 private:
  struct Nodes;
  PacketIds packet_ids_;
  capture::Sink* sink_;
  SeededRng root_;
  std::uint32_t interfaces_ = 0;
  std::unique_ptr<Nodes> nodes_;
};

}  // namespace rtclab::sim
