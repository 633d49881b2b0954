// How long the STUN message at the head of a stream is: STUN needs no framing of its own, because
// its header tells.
//
// Spec: RFC 8489 §6.2.2.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"

#include <cstddef>
#include <optional>

namespace rtclab::stun {

// nullopt while more octets are needed to know. Each flaw is told as soon as its octets are there:
// a peer that speaks something else must not keep us waiting for a length that it never meant.
[[nodiscard]] Result<std::optional<std::size_t>> message_size(ByteView stream);

}  // namespace rtclab::stun
