// A packet on its way over a link, and what the link does to it.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/time.h"
#include "sim/capture/sink.h"

#include <cstddef>
#include <optional>

namespace rtclab::sim {

// Drawn when the packet is offered, so that what happens to it later moves no other draw.
struct Treatment {
  bool lost = false;  // it still takes its time on the wire
  bool twice = false;
  Duration jitter{0};                       // added to the link's delay; may be negative
  Duration held_back{0};                    // by reordering
  std::optional<std::size_t> turned_bit{};  // counted from the first octet's highest
};

struct Parcel {
  Bytes packet;  // from the IP header on
  PacketId identity{0};
  capture::Frame frame{};
  Instant offered{};
  Instant begun{};  // when its first octet left
  Treatment treatment{};
};

}  // namespace rtclab::sim
