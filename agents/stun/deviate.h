// The deliberate faults of whoever writes a message: what becomes of it before the first octet is
// written. Those of the octets themselves are in integrity.cc.
#pragma once

#include "agents/base/deviation.h"
#include "agents/stun/message.h"

namespace rtclab::stun {

[[nodiscard]] Message deviate(Message message, const Deviations& deviations);

}  // namespace rtclab::stun
