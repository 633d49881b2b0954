// A sink that keeps what it is told, for tests to look at.
#pragma once

#include "sim/capture/sink.h"

#include <optional>
#include <string>
#include <vector>

namespace rtclab {

struct Seen {
  std::string where;  // "alice.eth0"
  capture::Direction direction;
  Instant at;
  Bytes packet;
  std::uint64_t identity;
  capture::Frame frame;
  std::string comment;  // empty unless dropped
  std::string note;     // what a link did to it on its way
};

class Sightings final : public capture::Sink {
 public:
  capture::InterfaceId add_interface(const capture::InterfaceInfo& info) override {
    interfaces.push_back(info);
    return capture::InterfaceId{static_cast<std::uint32_t>(interfaces.size() - 1)};
  }
  void packet(const capture::Sighting& sighting) override { dropped(sighting, {}); }
  void dropped(const capture::Sighting& sighting, std::string_view comment) override {
    seen.push_back({interfaces.at(sighting.interface.value()).name,
                    sighting.direction,
                    sighting.at,
                    {sighting.packet.begin(), sighting.packet.end()},
                    sighting.identity.value(),
                    sighting.frame,
                    std::string{comment},
                    std::string{sighting.note}});
  }
  void secrets(Instant, std::string_view) override {}

  // "alice.eth0 > 1", "bob.eth0 < 1": who saw which packet go out or come in.
  [[nodiscard]] std::vector<std::string> path() const {
    std::vector<std::string> steps;
    for (const auto& one : seen) {
      const bool out = one.direction == capture::Direction::Outbound;
      steps.push_back(one.where + (out ? " > " : " < ") + std::to_string(one.identity) +
                      (one.comment.empty() ? "" : " x"));
    }
    return steps;
  }
  [[nodiscard]] std::vector<std::string> comments() const {
    std::vector<std::string> found;
    for (const auto& one : seen) {
      if (!one.comment.empty()) found.push_back(one.comment);
    }
    return found;
  }

  std::vector<capture::InterfaceInfo> interfaces;
  std::vector<Seen> seen;
};

}  // namespace rtclab
