// The ICMP messages that a host sends and understands: echo, and "nobody listens at this port".
//
// Spec: RFC 792; RFC 1122 §3.2.2 (what may be answered, and how much is quoted), RFC 1812 §4.3.2.3.
#pragma once

#include "agents/base/ip_packet.h"

#include <cstdint>
#include <optional>

namespace rtclab::icmp {

// The reply to an echo request; nullopt when `message` is none, or damaged.
[[nodiscard]] std::optional<Bytes> echo_reply(ByteView message);

// The message that says that nobody listens where `packet` was sent to.
[[nodiscard]] Bytes port_unreachable(ByteView packet);

// What an "unreachable" message quotes of the packet that we sent.
struct Refused {
  ip::Protocol protocol;
  Path path;  // as the sender of the quoted packet sees it
  bool
      is_hard;  // RFC 1122 §4.2.3.9: protocol or port unreachable, not just a route that is missing
};
// nullopt when `message` is something else, or damaged.
[[nodiscard]] std::optional<Refused> parse_unreachable(ByteView message);

}  // namespace rtclab::icmp
