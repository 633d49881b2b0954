// What a host finds wrong with a packet that a link damaged, before anybody is given it.
//
// Spec: RFC 1122 §3.2.1.2 (IPv4 header), §4.1.3.4 (UDP), RFC 9293 §3.1 (TCP), RFC 1122 §3.2.2 and
// RFC 4443 §2.3 (ICMP): what fails its checksum is discarded silently.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"

#include <optional>

namespace rtclab::sim {

// The first flaw of a whole packet: of its IP header, its lengths or its checksums. What is inside
// a fragment cannot be judged.
[[nodiscard]] std::optional<ParseError> damage_of(ByteView packet);

}  // namespace rtclab::sim
