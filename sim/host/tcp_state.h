// The states of a TCP connection, as a table.
//
// Spec: RFC 9293 §3.3.2 and its figure 5. LISTEN is the Stack's affair, so a connection starts in
// one of the two SYN states. Any state can also end at once, by RST or a failure: those moves are
// not rows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace rtclab::tcp {

enum class State : std::uint8_t {
  SynSent,
  SynReceived,
  Established,
  FinWait1,
  FinWait2,
  CloseWait,
  Closing,
  LastAck,
  TimeWait,
  Closed,
};

enum class Cause : std::uint8_t {
  SynReceived,      // without an ACK of our SYN: both sides opened at once
  SynAcknowledged,  // and the peer's SYN is known
  FinSent,
  FinReceived,
  FinAcknowledged,
  Expired,  // twice the maximum segment lifetime
};

struct Move {
  State from;
  Cause cause;
  State to;
};

[[nodiscard]] std::span<const Move> all_moves();
[[nodiscard]] std::optional<State> next(State from, Cause cause);
[[nodiscard]] std::string_view to_string(State state);  // "SYN-SENT"

}  // namespace rtclab::tcp
