// Where a protocol's messages stand in a packet: in a datagram, in what a relay carries, in a frame
// of a TCP connection. Private to this folder.
#pragma once

#include "reports/evidence/evidence.h"

#include <functional>
#include <vector>

namespace rtclab::evidence {

struct Place {
  const Dissection* dissection;
  ByteView octets;
};

// All of them, the outer before the inner.
[[nodiscard]] std::vector<Place> places_in(const Packet& packet);

// Hands out the same dissections in the same order, to be changed. What a packet carries is shared
// by its copies, so it is replaced rather than changed.
void change_places(Dissection& dissection, const std::function<void(Dissection&)>& change);

}  // namespace rtclab::evidence
