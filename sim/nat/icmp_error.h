// ICMP errors that a machine on the way answers with, and the question whether it may.
//
// Spec: RFC 792 and RFC 4443 §3 (format), RFC 1812 §4.3.2 and RFC 4443 §2.4 (how much is quoted,
// and about what no error is sent), RFC 1191 §4 (the next hop's MTU), RFC 7915 §4.2 (which ICMPv6
// error says the same). Deviation from RFC 1812 §4.3.2.8: errors are not rate-limited.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace rtclab::nat {

// Octets before what an error quotes, and before the text of an echo.
inline constexpr std::size_t kIcmpHeader = 8;

// In the numbers of IPv4; an IPv6 packet is answered with what says the same.
struct IcmpError {
  std::uint8_t type;
  std::uint8_t code;
  std::uint16_t next_hop_mtu = 0;
};

constexpr IcmpError kNetUnreachable{3, 0};
constexpr IcmpError kHostUnreachable{3, 1};
constexpr IcmpError kPortUnreachable{3, 3};
// RFC 5508 REQ-8: what a NAT that has no room for a flow answers.
constexpr IcmpError kProhibited{3, 13};
constexpr IcmpError kHopLimitExceeded{11, 0};
[[nodiscard]] constexpr IcmpError fragmentation_needed(std::uint16_t next_hop_mtu) {
  return {3, 4, next_hop_mtu};
}

// Whether an ICMP message (of IPv4) of this type reports an error about another packet, which it
// quotes.
[[nodiscard]] constexpr bool is_icmp_error(std::uint8_t type) {
  return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

// The packet that tells the sender of `about`, from the machine at `from`. nullopt when `about` is
// not to be answered so: it is an ICMP error itself, a later fragment, went to many, or came from
// nobody (RFC 1812 §4.3.2.7, RFC 4443 §2.4 e). `from` is of its family.
[[nodiscard]] std::optional<Bytes> icmp_error(const Ip& from, ByteView about,
                                              const IcmpError& error);

}  // namespace rtclab::nat
