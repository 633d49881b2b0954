#include "scenarios/packet_watch.h"

#include "sim/link/packet_kind.h"

#include <algorithm>
#include <utility>

namespace rtclab::scenario {
namespace {

sim::Way way_of(capture::Direction direction) {
  return direction == capture::Direction::Outbound ? sim::Way::AToB : sim::Way::BToA;
}

}  // namespace

void PacketWatch::arm(const PacketTrigger& trigger, std::function<void()> on_seen) {
  Armed armed{.trigger = trigger, .counter = {}, .on_seen = std::move(on_seen)};
  const auto way = trigger.leaves ? sim::Way::AToB : sim::Way::BToA;
  armed.counter.set({trigger.packet}, handshakes_[trigger.machine].flights(way));
  armed_.push_back(std::move(armed));
}

capture::InterfaceId PacketWatch::add_interface(const capture::InterfaceInfo& info) {
  const capture::InterfaceId own{static_cast<std::uint32_t>(machines_.size())};
  machines_.push_back(info.name.substr(0, info.name.find('.')));
  if (next_ != nullptr) (void)next_->add_interface(info);  // numbers them as we do
  return own;
}

void PacketWatch::packet(const capture::Sighting& sighting) {
  look(sighting);
  if (next_ != nullptr) next_->packet(sighting);
}

void PacketWatch::dropped(const capture::Sighting& sighting, std::string_view comment) {
  look(sighting);
  if (next_ != nullptr) next_->dropped(sighting, comment);
}

void PacketWatch::secrets(Instant at, std::string_view nss_line) {
  if (next_ != nullptr) next_->secrets(at, nss_line);
}

void PacketWatch::look(const capture::Sighting& sighting) {
  const auto& machine = machines_[sighting.interface.value()];
  const bool leaves = sighting.direction == capture::Direction::Outbound;
  if (leaves && !left_.emplace(sighting.identity, machine).second) return;
  const auto kind = sim::kind_of(sighting.packet);
  const auto flight = handshakes_[machine].note(way_of(sighting.direction), kind);
  for (auto& armed : armed_) {
    const auto& trigger = armed.trigger;
    if (armed.seen || trigger.machine != machine || trigger.leaves != leaves) continue;
    armed.seen = armed.counter.check(kind, flight).has_value();
    if (armed.seen) armed.on_seen();
  }
}

}  // namespace rtclab::scenario
