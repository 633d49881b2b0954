// Watches the packets of a world for the steps that wait for one, and hands all on to the capture,
// if there is one.
#pragma once

#include "scenarios/trigger.h"
#include "sim/capture/sink.h"
#include "sim/link/drop_list.h"
#include "sim/link/handshake_watch.h"

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace rtclab::scenario {

class PacketWatch : public capture::Sink {
 public:
  // `next` may be null; else it outlives this object.
  explicit PacketWatch(capture::Sink* next) : next_{next} {}

  // From now on. `on_seen` is told once, from inside whatever the world is doing: it must not
  // change anything there.
  void arm(const PacketTrigger& trigger, std::function<void()> on_seen);

  capture::InterfaceId add_interface(const capture::InterfaceInfo& info) override;
  void packet(const capture::Sighting& sighting) override;
  void dropped(const capture::Sighting& sighting, std::string_view comment) override;
  void secrets(Instant at, std::string_view nss_line) override;

 private:
  struct Armed {
    PacketTrigger trigger;
    sim::DropList counter;
    std::function<void()> on_seen;
    bool seen = false;
  };
  void look(const capture::Sighting& sighting);

  capture::Sink* next_;
  std::vector<std::string> machines_;                      // by the interface
  std::map<std::string, sim::HandshakeWatch> handshakes_;  // of each machine, AToB: what leaves it
  std::vector<Armed> armed_;
  // Those that left each way: a link that drops a packet later tells of it a second time.
  std::set<std::pair<sim::PacketId, std::string>> left_;
};

}  // namespace rtclab::scenario
