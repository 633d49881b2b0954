// What can be waited for and expected of a peer.
#pragma once

#include <string>
#include <variant>

namespace rtclab::scenario {

// An attribute of RTCPeerConnection, by its standard name, has a value.
struct StateCondition {
  std::string peer;
  std::string attribute;  // signalingState, iceGatheringState, iceConnectionState, connectionState
  std::string value;
};
// A data channel has its readyState: connecting, open, closing, closed.
struct ChannelCondition {
  std::string peer;
  std::string channel;
  std::string value;
};
// So many messages have arrived on a channel.
struct MessagesCondition {
  std::string peer;
  std::string channel;
  unsigned count = 1;
};
using Condition = std::variant<StateCondition, ChannelCondition, MessagesCondition>;

// As a reader says it: "alice connectionState = connected".
[[nodiscard]] std::string to_string(const Condition& condition);

}  // namespace rtclab::scenario
