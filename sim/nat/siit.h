// Stateless IP/ICMP translation (SIIT): an IPv4 packet as IPv6, and the other way round.
//
// Spec: RFC 7915. Who has which address in the other family is the caller's affair: RFC 6052 for a
// NAT64's prefix, a table for its hosts (RFC 6146), one address for one host in a CLAT (RFC 6877).
// The hop limit stays: who forwards lowers it. Choices where RFC 7915 leaves them: UDP without a
// checksum gets one, but not when it comes in fragments (§4.5); the traffic class is copied (§4.1);
// no fragment header without need. Behind Hop-by-Hop, Destination and Routing headers (§5.1) a
// packet is read; a routing header that is not used up is refused. Extensions of ICMP errors (RFC
// 4884) are not kept.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "sim/nat/icmp_error.h"

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace rtclab::nat::siit {

// The address of the other family that stands for one; nullopt when there is none.
using AddressMap = std::function<std::optional<Ip>(const Ip&)>;

struct Translation {
  AddressMap to_v6;
  AddressMap to_v4;
  // Of the ways to the two sides: what a "packet too big" must not promise more than.
  std::size_t mtu_v4 = 1500;
  std::size_t mtu_v6 = 1500;
};

struct Untranslatable {
  std::string why;                      // "203.0.113.1 has no IPv6 address"
  std::optional<IcmpError> error = {};  // for the sender, if it is told
};
using Translated = tl::expected<Bytes, Untranslatable>;

// Precondition of both: `packet` passed ip::Header::parse, of the family that is left. What comes
// out has checksums that are right where they were right before.
[[nodiscard]] Translated to_v6(ByteView packet, const Translation& translation);
// `identification` is for a packet without the DF bit: RFC 7915 §5.1 sets it on what exceeds 1260
// octets.
[[nodiscard]] Translated to_v4(ByteView packet, const Translation& translation,
                               std::uint16_t identification);

// The largest IPv4 packet without DF that becomes an IPv6 packet which any link carries, Fragment
// header and all: RFC 7915 §4 wants larger ones cut before they are translated.
inline constexpr std::size_t kCutBefore = 1280 - 20 - 8;

}  // namespace rtclab::nat::siit
