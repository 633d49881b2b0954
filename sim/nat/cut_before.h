// IPv4 packets on their way into IPv6: what is too long for any link is cut before it is
// translated.
//
// Spec: RFC 7915 §4: without the DF bit a packet may become an IPv6 packet of 1280 octets at most,
// because nobody behind the translator may cut it any more.
#pragma once

#include "agents/base/bytes.h"
#include "sim/nat/siit.h"

#include <vector>

namespace rtclab::nat::siit {

// One packet, or several parts. Precondition: `packet` is of IPv4 and passed ip::Header::parse.
[[nodiscard]] tl::expected<std::vector<Bytes>, Untranslatable> cut_and_translate(
    ByteView packet, const Translation& translation);

}  // namespace rtclab::nat::siit
