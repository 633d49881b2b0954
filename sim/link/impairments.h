// What a direction of a link does to packets besides sending them: losses, jitter, duplication,
// corruption, reordering, outages and the list of drops.
//
// Each effect draws from a stream of its own, once for each packet that it looks at, whatever the
// others decide: to switch one on changes no draw of another.
#pragma once

#include "agents/base/rng.h"
#include "sim/link/burst_loss.h"
#include "sim/link/drop_list.h"
#include "sim/link/handshake_watch.h"
#include "sim/link/jitter.h"
#include "sim/link/parcel.h"
#include "topologies/link_quality.h"

#include <functional>
#include <string>
#include <string_view>

namespace rtclab::sim {

class Impairments {
 public:
  // `fork` gives each effect its stream: the same name always the same one. `direction` is part of
  // the names: "alice.eth0 > home-a.inside".
  using Fork = std::function<SeededRng(std::string_view name)>;
  Impairments(const Fork& fork, std::string_view direction, topology::LinkQuality quality);

  // From now on. The list of drops counts anew when it changes.
  void set(topology::LinkQuality quality, std::size_t flights_before);
  [[nodiscard]] const topology::LinkQuality& quality() const { return quality_; }
  [[nodiscard]] bool asks_for_flights() const { return drops_.asks_for_flights(); }
  [[nodiscard]] bool asks_for_kinds() const { return !drops_.is_empty(); }

  struct Verdict {
    Treatment treatment{};
    std::string lost_by{};  // why, when it is lost: "10 % loss", "an outage from 2 s to 3 s"
  };
  // `kind` and `flight` matter only to a list of drops.
  [[nodiscard]] Verdict judge(Instant now, ByteView packet, const PacketKind& kind,
                              const std::optional<FlightPart>& flight);
  // The outage that `now` falls into, as a sentence.
  [[nodiscard]] std::optional<std::string> outage_at(Instant now) const;

 private:
  topology::LinkQuality quality_;
  DropList drops_;
  SeededRng loss_;
  BurstLossChain bursts_;
  JitterSource jitter_;
  SeededRng duplication_;
  SeededRng corruption_;
  SeededRng reordering_;
};

// For comments: "1.5 s", "250 ms", "12.3 us".
[[nodiscard]] std::string duration_text(Duration duration);

}  // namespace rtclab::sim
