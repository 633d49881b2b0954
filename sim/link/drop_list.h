// The list of things that a direction of a link loses for certain, and the counting that it needs.
//
// Everything is counted from 1 from the moment in which the list is set. A fragment of a datagram
// other than the first counts as a packet only. Flights: see handshake_watch.h; of one only the
// first sending is lost, so that its retransmission passes.
#pragma once

#include "sim/link/handshake_watch.h"
#include "sim/link/packet_kind.h"
#include "topologies/link_quality.h"

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

namespace rtclab::sim {

class DropList {
 public:
  // `flights_before`: how many the direction has seen; they are not counted.
  void set(std::vector<topology::Drop> drops, std::size_t flights_before);
  [[nodiscard]] const std::vector<topology::Drop>& drops() const { return drops_; }
  [[nodiscard]] bool is_empty() const { return drops_.empty(); }
  [[nodiscard]] bool asks_for_flights() const;
  // To be asked about every packet that the direction is offered. The entry that it falls under.
  std::optional<topology::Drop> check(const PacketKind& packet,
                                      const std::optional<FlightPart>& flight);

 private:
  static constexpr std::size_t kKinds = 7;
  std::vector<topology::Drop> drops_;
  std::array<std::size_t, kKinds> seen_{};
  std::size_t flights_before_ = 0;
};

}  // namespace rtclab::sim
