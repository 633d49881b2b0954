#include "agents/rtp/interarrival_jitter.h"

namespace rtclab::rtp {

RtpTimestamp to_media_clock(Instant at, std::uint32_t clock_rate) {
  // Seconds and the rest apart, so that no product leaves 64 bits.
  const auto elapsed = at.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(elapsed);
  const auto rest = static_cast<std::uint64_t>((elapsed - seconds).count());
  const auto ticks =
      static_cast<std::uint64_t>(seconds.count()) * clock_rate + rest * clock_rate / 1'000'000'000u;
  return RtpTimestamp{static_cast<std::uint32_t>(ticks)};
}

// D = transit - the transit before; J += (|D| - J) / 16.
void InterarrivalJitter::note(Instant arrival, RtpTimestamp timestamp) {
  const auto transit = to_media_clock(arrival, clock_rate_).ahead_of(timestamp);
  if (transit_) {
    const auto difference = RtpTimestamp{static_cast<std::uint32_t>(transit)}.ahead_of(
        RtpTimestamp{static_cast<std::uint32_t>(*transit_)});
    const auto size = difference < 0 ? 0u - static_cast<std::uint32_t>(difference)
                                     : static_cast<std::uint32_t>(difference);
    scaled_ += size - ((scaled_ + 8) >> 4u);
  }
  transit_ = transit;
}

}  // namespace rtclab::rtp
