// The timers of the standards, each measured in the capture of a run: one function for each layer.
#pragma once

#include "scenarios/validate/section.h"

#include <cstdint>

namespace rtclab::validate {

[[nodiscard]] Checks ice_check_timers(std::uint64_t seed);      // pacing, RTO, resends, failure
[[nodiscard]] Checks ice_gathering_timers(std::uint64_t seed);  // RTO, resends, keepalives, TCP
[[nodiscard]] Checks consent_timers(std::uint64_t seed);
[[nodiscard]] Checks turn_timers(std::uint64_t seed);
// Rows of turn_timers().
void add_channel_reuse(Checks& checks, std::uint64_t seed);
[[nodiscard]] Checks nat_timers(std::uint64_t seed);
[[nodiscard]] Checks dtls_timers(std::uint64_t seed);
[[nodiscard]] Checks sctp_timers(std::uint64_t seed);

}  // namespace rtclab::validate
