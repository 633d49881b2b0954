// Who sends media: the direction attributes.
//
// Spec: RFC 8866 §6.7, RFC 3264 §6.1 (what an answer makes of an offered direction).
#pragma once

#include <optional>
#include <string_view>

namespace rtclab::sdp {

enum class Direction { SendRecv, SendOnly, RecvOnly, Inactive };

[[nodiscard]] std::optional<Direction> parse_direction(std::string_view text);
[[nodiscard]] std::string_view to_string(Direction direction);  // "sendrecv"

[[nodiscard]] constexpr bool sends(Direction direction) {
  return direction == Direction::SendRecv || direction == Direction::SendOnly;
}
[[nodiscard]] constexpr bool receives(Direction direction) {
  return direction == Direction::SendRecv || direction == Direction::RecvOnly;
}
[[nodiscard]] constexpr Direction direction_of(bool send, bool receive) {
  if (send) return receive ? Direction::SendRecv : Direction::SendOnly;
  return receive ? Direction::RecvOnly : Direction::Inactive;
}
// The same flow of media as the other side names it.
[[nodiscard]] constexpr Direction reversed(Direction direction) {
  return direction_of(receives(direction), sends(direction));
}
[[nodiscard]] constexpr Direction intersection(Direction a, Direction b) {
  return direction_of(sends(a) && sends(b), receives(a) && receives(b));
}

}  // namespace rtclab::sdp
