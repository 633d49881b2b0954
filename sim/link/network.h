// What all interfaces of one world share: the packet identities, the capture, and the seed.
#pragma once

#include "agents/base/rng.h"
#include "sim/capture/sink.h"

#include <cstdint>
#include <string_view>

namespace rtclab::sim {

class Network {
 public:
  // `sink` may be null: then nothing is captured. Each link direction draws from a fork of `seed`
  // of its own.
  Network(std::uint64_t seed, capture::Sink* sink);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  [[nodiscard]] PacketIds& packet_ids() { return packet_ids_; }
  [[nodiscard]] capture::Sink* sink() const { return sink_; }
  // From now on nothing is captured.
  void end_capture() { sink_ = nullptr; }
  [[nodiscard]] SeededRng fork(std::string_view name) const { return root_.fork(name); }
  // The number of the next interface; also told to the sink.
  [[nodiscard]] capture::InterfaceId add_interface(const capture::InterfaceInfo& info);

 private:
  PacketIds packet_ids_;
  capture::Sink* sink_;
  SeededRng root_;
  std::uint32_t interfaces_ = 0;
};

}  // namespace rtclab::sim
