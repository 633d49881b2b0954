// Hole punching as the studies did it, without ICE: both ends learn from a third machine how they
// look from outside, and then send to each other at the same instant.
#pragma once

#include "scenarios/validate/figures.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace rtclab::validate {

inline constexpr std::size_t kAttempts = 3;  // DCUtR's

// Of `calls` between two EIM/APDF NATs over UDP, how many came through at the first attempt, the
// second, the third. An attempt is one request and its answer, each lost with probability `loss`;
// the other end's datagram, which opens its NAT, leaves when the request does.
[[nodiscard]] std::array<std::size_t, kAttempts> punch_udp(double loss, std::size_t calls,
                                                           std::uint64_t seed);

// Of `calls` over TCP, how many ended with a connection: simultaneous opens (RFC 9293 §3.5) from
// the ports that the third machine was connected from. Each end is drawn: `easy` of them are behind
// EIM/APDF, the others behind APDM/APDF.
[[nodiscard]] Counted punch_tcp(double easy, std::size_t calls, std::uint64_t seed);

}  // namespace rtclab::validate
