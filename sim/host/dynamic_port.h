// The port that a machine chooses when a program leaves it open.
#pragma once

#include "agents/base/address.h"
#include "agents/base/rng.h"

#include <cstdint>
#include <optional>

namespace rtclab::sim {

// A dynamic port (RFC 6335 §6) for which `is_free(Port)` holds: a drawn one (RFC 6056 §3.3.1) or
// the next free one after it; nullopt when all are taken.
template <class F>
[[nodiscard]] std::optional<Port> choose_dynamic_port(Rng& rng, F is_free) {
  constexpr std::uint32_t kFirst = 49152;
  constexpr std::uint32_t kCount = 65536 - kFirst;
  const auto start = static_cast<std::uint32_t>(rng.below(kCount));
  for (std::uint32_t i = 0; i < kCount; ++i) {
    const Port port{static_cast<std::uint16_t>(kFirst + (start + i) % kCount)};
    if (is_free(port)) return port;
  }
  return std::nullopt;
}

}  // namespace rtclab::sim
