// Packets that left together, and how the time between such groups changed on their way.
//
// Spec: draft-ietf-rmcat-gcc-02 §3 (pacing in bursts of 5 ms), §4.1 (the inter-group delay
// variation: arrivals' distance less departures' distance), §5.2 (groups).
#pragma once

#include "agents/base/time.h"

#include <optional>

namespace rtclab::media {

class ArrivalGroups {
 public:
  struct Variation {
    Duration change{};   // positive: the way got longer
    Duration arrived{};  // of the later group, on the receiver's clock
  };
  // In the order of departure. A value when a group has just become complete and there is one
  // before it.
  std::optional<Variation> add(Instant sent, Duration received);

 private:
  struct Group {
    Instant first_sent{}, last_sent{};
    Duration last_received{};
  };
  std::optional<Group> before_, current_;
};

}  // namespace rtclab::media
