#include "agents/rtp/ntp_time.h"

#include <algorithm>

namespace rtclab::rtp {
namespace {

// Wide enough for seconds and a 32-bit fraction times a billion.
__extension__ using Wide = __int128;
constexpr Wide kSecond = 1'000'000'000;

// Rounded down, also below zero.
constexpr Wide floor_div(Wide a, Wide b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

NtpTime to_ntp(Instant at, NtpTime epoch) {
  const auto elapsed = floor_div(Wide{at.time_since_epoch().count()} << 32u, kSecond);
  return NtpTime{epoch.value() + static_cast<std::uint64_t>(elapsed)};
}

Instant to_instant(NtpTime at, NtpTime epoch) {
  const auto elapsed = static_cast<std::int64_t>(at.value() - epoch.value());
  const auto nanoseconds = floor_div(elapsed * kSecond + (Wide{1} << 31u), Wide{1} << 32u);
  return Instant{Duration{static_cast<Duration::rep>(nanoseconds)}};
}

CompactNtp to_compact(Duration length) {
  const auto units = floor_div(Wide{std::max(length, Duration{}).count()} << 16u, kSecond);
  return CompactNtp{static_cast<std::uint32_t>(std::min(units, Wide{0xffffffffu}))};
}

Duration to_duration(CompactNtp length) {
  return Duration{static_cast<Duration::rep>((length.value() * kSecond + (1 << 15)) >> 16u)};
}

Duration round_trip_time(CompactNtp arrival, CompactNtp last_sr, CompactNtp delay_since_last_sr) {
  const auto units = arrival.value() - last_sr.value() - delay_since_last_sr.value();
  if (static_cast<std::int32_t>(units) < 0) return {};
  return to_duration(CompactNtp{units});
}

}  // namespace rtclab::rtp
