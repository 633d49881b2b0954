// IPv4 addresses inside IPv6 ones: how a NAT64 shows the IPv4 Internet to those that have only
// IPv6.
//
// Spec: RFC 6052 §2.2 (where the octets stand), §2.1 and §3.1 (the well-known prefix).
#pragma once

#include "agents/base/address.h"

#include <optional>

namespace rtclab::topology {

// 64:ff9b::/96
[[nodiscard]] const Prefix& well_known_prefix();

// The lengths that RFC 6052 knows: 32, 40, 48, 56, 64 and 96.
[[nodiscard]] bool is_translation_prefix(const Prefix& prefix);

// Precondition of both: is_translation_prefix(prefix).
[[nodiscard]] Ip embed(const Prefix& prefix, const Ip& v4);
// nullopt when the address is not behind the prefix, or has a bit set where RFC 6052 wants zeros.
[[nodiscard]] std::optional<Ip> extract(const Prefix& prefix, const Ip& v6);

// RFC 6052 §3.1: the well-known prefix MUST NOT stand before what is not globally unique: no packet
// to or from such a pair is translated. Counted as such are the blocks of RFC 1918 and RFC 6598;
// the blocks for documentation count as global, because topologies are written in them.
[[nodiscard]] bool may_be_embedded(const Prefix& prefix, const Ip& v4);

}  // namespace rtclab::topology
