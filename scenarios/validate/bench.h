// Two machines with one link between them, and somebody who watches every packet: where a link or
// one protocol is measured alone.
#pragma once

#include "agents/base/time.h"
#include "sim/capture/sink.h"
#include "topologies/topology.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

namespace rtclab::validate {

inline constexpr std::string_view kClient = "client";
inline constexpr std::string_view kServer = "server";
inline constexpr std::string_view kClientAddress = "10.0.0.1";
inline constexpr std::string_view kServerAddress = "10.0.0.2";
inline constexpr Duration kOneWay = std::chrono::milliseconds{10};

// Hosts "client" and "server", interface eth0, joined by one link. The interfaces are numbered 0
// and 1 in captures.
[[nodiscard]] topology::Topology two_machines(const topology::LinkQuality& client_to_server,
                                              const topology::LinkQuality& server_to_client);
// The same, where the server is a STUN server at port 3478.
[[nodiscard]] topology::Topology client_and_stun_server(const topology::LinkQuality& both_ways);
// `kOneWay` of delay, and each packet lost with this probability.
[[nodiscard]] topology::LinkQuality losing(double share);

// Hands on what a capture would hold.
class Watch final : public capture::Sink {
 public:
  using See = std::function<void(const capture::Sighting&, bool is_dropped)>;
  explicit Watch(See see) : see_{std::move(see)} {}

  capture::InterfaceId add_interface(const capture::InterfaceInfo&) override {
    return capture::InterfaceId{interfaces_++};
  }
  void packet(const capture::Sighting& sighting) override { see_(sighting, false); }
  void dropped(const capture::Sighting& sighting, std::string_view) override {
    see_(sighting, true);
  }
  void secrets(Instant, std::string_view) override {}

 private:
  See see_;
  std::uint32_t interfaces_ = 0;
};

}  // namespace rtclab::validate
