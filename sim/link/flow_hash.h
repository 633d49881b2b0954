// A hash of what makes a flow: addresses, protocol and ports (RFC 8290 §4.1.1). The same on every
// machine.
#pragma once

#include "agents/base/bytes.h"

#include <cstdint>

namespace rtclab::sim {

[[nodiscard]] std::uint32_t flow_hash(ByteView packet);

}  // namespace rtclab::sim
