// Where a live run begins to be random. Everything after it is a SeededRng, so that a run can be
// told its seed again; octets on the wire then still differ, for the network keeps its own time.
//
// 64 bits of seed are enough for a laboratory and not for secrets: see docs/live.md.
#pragma once

#include <cstdint>

namespace rtclab::live {

[[nodiscard]] std::uint64_t seed_from_the_system();

}  // namespace rtclab::live
