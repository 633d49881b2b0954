// Names one transport of a connection, from 1 up in the order of creation.
#pragma once

#include "agents/base/strong.h"

#include <cstdint>

namespace rtclab::peer {

using TransportId = Strong<struct TransportIdTag, std::uint32_t>;

}  // namespace rtclab::peer
