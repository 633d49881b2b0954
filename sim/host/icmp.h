// The ICMP messages that a host sends and understands: echo, "nobody listens at this port", "parts
// of your packet are missing", and "your packet is too big".
//
// Spec: RFC 792 and RFC 4443; RFC 1122 §3.2.2 (what may be answered), RFC 1812 §4.3.2.3 and RFC
// 4443 §3.1 (how much is quoted). The family is the IP header's that carries or carried the
// message.
#pragma once

#include "agents/base/ip_packet.h"

#include <cstdint>
#include <optional>

namespace rtclab::icmp {

// The reply to an echo request; nullopt when `message` is none, or damaged.
[[nodiscard]] std::optional<Bytes> echo_reply(const ip::Header& header, ByteView message);

// The message that says that nobody listens where `packet` was sent to; `header` is its own.
[[nodiscard]] Bytes port_unreachable(const ip::Header& header, ByteView packet);

// The message that says that not all fragments came in time (RFC 1122 §3.3.2, RFC 8200 §4.5);
// `first` is the one with offset 0, `header` its own.
[[nodiscard]] Bytes reassembly_timeout(const ip::Header& header, ByteView first);

// What an "unreachable" message quotes of the packet that we sent.
struct Refused {
  ip::Protocol protocol;
  Path path;  // as the sender of the quoted packet sees it
  bool
      is_hard;  // RFC 1122 §4.2.3.9: protocol or port unreachable, not just a route that is missing
};
// nullopt when `message` is something else, or damaged.
[[nodiscard]] std::optional<Refused> parse_unreachable(const ip::Header& header, ByteView message);

// "Fragmentation needed" (RFC 1191 §4) or "packet too big" (RFC 4443 §3.2), about a packet of ours.
struct TooBig {
  Path path;  // as the sender of the quoted packet sees it; ports of TCP and UDP
  ip::Protocol protocol;
  std::size_t mtu;
};
// nullopt when `message` is something else, or damaged.
[[nodiscard]] std::optional<TooBig> parse_too_big(const ip::Header& header, ByteView message);

}  // namespace rtclab::icmp
