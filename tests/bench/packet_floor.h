// The least that calls must cost in this simulator: ns-3 carries the same packets
// between as many nodes, and OpenSSL seals and opens each.
#pragma once

#include "agents/base/time.h"

#include <cstddef>
#include <cstdint>

namespace rtclab::bench {

struct PacketFloor {
  std::size_t calls;
  std::uint64_t packets;  // in all, of both directions
  std::size_t octets;     // of an IP packet
  Duration length;        // over which they are spread evenly
};

// CPU seconds of the run alone, without the making of the nodes. Precondition: no sim::World lives.
[[nodiscard]] double cpu_of(const PacketFloor& floor);

}  // namespace rtclab::bench
