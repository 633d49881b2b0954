// Inputs near a given one, by seed: a small stand-in for libFuzzer where there is only g++.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/rng.h"

namespace rtclab::fuzz {

// One to four changes of `parent`: octets replaced, removed, doubled, set to values that lengths
// stumble over, or taken from `other`. Never longer than both together and 64 octets.
[[nodiscard]] Bytes mutate(ByteView parent, ByteView other, Rng& rng);

}  // namespace rtclab::fuzz
