#include "agents/peer/transceiver.h"

#include <cassert>

namespace rtclab::peer {

std::string_view to_string(Direction direction) {
  switch (direction) {
    case Direction::SendRecv: return "sendrecv";
    case Direction::SendOnly: return "sendonly";
    case Direction::RecvOnly: return "recvonly";
    case Direction::Inactive: return "inactive";
    case Direction::Stopped: return "stopped";
  }
  __builtin_unreachable();
}

std::optional<Direction> parse_direction(std::string_view text) {
  for (const auto direction : {Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly,
                               Direction::Inactive, Direction::Stopped}) {
    if (to_string(direction) == text) return direction;
  }
  return std::nullopt;
}

bool sends(Direction direction) {
  return direction == Direction::SendRecv || direction == Direction::SendOnly;
}

bool receives(Direction direction) {
  return direction == Direction::SendRecv || direction == Direction::RecvOnly;
}

Direction make_direction(bool sends, bool receives) {
  if (sends) return receives ? Direction::SendRecv : Direction::SendOnly;
  return receives ? Direction::RecvOnly : Direction::Inactive;
}

Direction reversed(Direction direction) {
  return make_direction(receives(direction), sends(direction));
}

Direction intersection(Direction a, Direction b) {
  return make_direction(sends(a) && sends(b), receives(a) && receives(b));
}

Direction to_direction(sdp::Direction direction) {
  switch (direction) {
    case sdp::Direction::SendRecv: return Direction::SendRecv;
    case sdp::Direction::SendOnly: return Direction::SendOnly;
    case sdp::Direction::RecvOnly: return Direction::RecvOnly;
    case sdp::Direction::Inactive: return Direction::Inactive;
  }
  __builtin_unreachable();
}

sdp::Direction to_sdp(Direction direction) {
  switch (direction) {
    case Direction::SendRecv: return sdp::Direction::SendRecv;
    case Direction::SendOnly: return sdp::Direction::SendOnly;
    case Direction::RecvOnly: return sdp::Direction::RecvOnly;
    case Direction::Inactive:
    case Direction::Stopped: return sdp::Direction::Inactive;
  }
  __builtin_unreachable();
}

}  // namespace rtclab::peer
