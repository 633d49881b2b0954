// The words of SCTP that its callers use too: streams, payload protocols, order and reliability.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/strong.h"
#include "agents/base/time.h"

#include <cstdint>
#include <variant>

namespace rtclab::sctp {

using StreamId = Strong<struct StreamIdTag, std::uint16_t>;
// Payload protocol identifier: what the bytes of a message are. SCTP carries it and does not look
// at it.
using Ppid = Strong<struct PpidTag, std::uint32_t>;

enum class Order : std::uint8_t { Ordered, Unordered };

// How long to try. RFC 3758 (timed) and RFC 7496 §3.1 (limited retransmissions); a message has one
// kind.
struct Reliable {
  friend bool operator==(const Reliable&, const Reliable&) = default;
};
// Sent once, and at most `count` times more.
struct LimitedRetransmissions {
  std::uint32_t count = 0;
  friend bool operator==(const LimitedRetransmissions&, const LimitedRetransmissions&) = default;
};
// Neither sent nor sent again once `lifetime` has passed since send().
struct LimitedLifetime {
  Duration lifetime{};
  friend bool operator==(const LimitedLifetime&, const LimitedLifetime&) = default;
};
using Reliability = std::variant<Reliable, LimitedRetransmissions, LimitedLifetime>;

// Whether a message counts into buffered_amount(): what a protocol above says to itself does not.
enum class Accounting : std::uint8_t { Counted, Uncounted };

struct OutgoingMessage {
  Ppid ppid;
  Bytes bytes;  // not empty: RFC 9260 §3.3.1 knows no DATA without user data
  Order order = Order::Ordered;
  Reliability reliability;
  Accounting accounting = Accounting::Counted;
};

}  // namespace rtclab::sctp
