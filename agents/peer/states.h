// The four states that a peer connection shows, by their names in the interface.
//
// Spec: W3C webrtc-pc §4.3 (state definitions).
#pragma once

#include <cstdint>
#include <string_view>

namespace rtclab::peer {

// §4.3.1 RTCSignalingState
enum class SignalingState : std::uint8_t {
  Stable,
  HaveLocalOffer,
  HaveRemoteOffer,
  HaveLocalPranswer,
  HaveRemotePranswer,
  Closed,
};
// §4.3.2 RTCIceGatheringState
enum class IceGatheringState : std::uint8_t { New, Gathering, Complete };
// §4.3.3 RTCPeerConnectionState
enum class ConnectionState : std::uint8_t {
  New,
  Connecting,
  Connected,
  Disconnected,
  Failed,
  Closed
};
// §4.3.4 RTCIceConnectionState
enum class IceConnectionState : std::uint8_t {
  New,
  Checking,
  Connected,
  Completed,
  Disconnected,
  Failed,
  Closed,
};
// §6.2 RTCDataChannelState
enum class DataChannelState : std::uint8_t { Connecting, Open, Closing, Closed };

[[nodiscard]] std::string_view to_string(SignalingState state);      // "have-local-offer"
[[nodiscard]] std::string_view to_string(IceGatheringState state);   // "gathering"
[[nodiscard]] std::string_view to_string(ConnectionState state);     // "connecting"
[[nodiscard]] std::string_view to_string(IceConnectionState state);  // "checking"
[[nodiscard]] std::string_view to_string(DataChannelState state);    // "open"

}  // namespace rtclab::peer
