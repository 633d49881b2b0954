#include "agents/sctp/retransmission_timeout.h"

#include <algorithm>
#include <chrono>

namespace rtclab::sctp {
namespace {

// Our clock ticks in nanoseconds; §6.3.1 G1 wants RTTVAR never below one tick.
constexpr Duration kGranularity{1};

}  // namespace

void RetransmissionTimeout::measured(Duration round_trip) {
  if (!srtt_) {
    srtt_ = round_trip;
    rttvar_ = round_trip / 2;
  } else {
    // RTO.Beta = 1/4 and RTO.Alpha = 1/8; RTTVAR uses SRTT as it was before.
    rttvar_ = (3 * rttvar_ + std::chrono::abs(*srtt_ - round_trip)) / 4;
    srtt_ = (7 * *srtt_ + round_trip) / 8;
  }
  rttvar_ = std::max(rttvar_, kGranularity);
  rto_ = std::clamp(*srtt_ + 4 * rttvar_, bounds_.min, bounds_.max);
}

void RetransmissionTimeout::back_off() {
  rto_ = std::min(2 * rto_, bounds_.max);
}

}  // namespace rtclab::sctp
