// NTP timestamps, and the compact form in which RTCP measures round trips.
//
// Spec: RFC 3550 §4 (64 and 32 bits), §6.4.1 (LSR, DLSR). Virtual time has no calendar, so whoever
// writes a sender report says which NTP time the instant 0 is (RFC 3550 §6.4.1 allows any clock
// that the streams of one CNAME share).
#pragma once

#include "agents/base/strong.h"
#include "agents/base/time.h"

#include <cstdint>

namespace rtclab::rtp {

// Seconds since 1900 as a fixed-point number, 32 bits each side of the point.
using NtpTime = Strong<struct NtpTimeTag, std::uint64_t>;
// The middle 32 bits of it, 16 each side; also a length of time in units of 1/65536 s.
using CompactNtp = Strong<struct CompactNtpTag, std::uint32_t>;

// 2026-01-01T00:00:00Z, the epoch of virtual time.
inline constexpr NtpTime kNtpEpoch{std::uint64_t{3976214400} << 32u};

[[nodiscard]] NtpTime to_ntp(Instant at, NtpTime epoch = kNtpEpoch);
[[nodiscard]] Instant to_instant(NtpTime at, NtpTime epoch = kNtpEpoch);  // nearest nanosecond
[[nodiscard]] constexpr CompactNtp compact(NtpTime time) {
  return CompactNtp{static_cast<std::uint32_t>(time.value() >> 16u)};
}
// A length of time in 1/65536 s, cut down; at most 65535.99 s.
[[nodiscard]] CompactNtp to_compact(Duration length);
[[nodiscard]] Duration to_duration(CompactNtp length);

// RFC 3550 §6.4.1: A - LSR - DLSR. Zero when clocks that drift make it negative.
[[nodiscard]] Duration round_trip_time(CompactNtp arrival, CompactNtp last_sr,
                                       CompactNtp delay_since_last_sr);

}  // namespace rtclab::rtp
