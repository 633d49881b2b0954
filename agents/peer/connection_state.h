// The aggregated states of a peer connection, derived from those of its transports. Pure functions.
//
// Spec: W3C webrtc-pc §4.3.3 and §4.3.4. The transports are those of the BUNDLE groups; no
// transport, as before the first description, counts as new.
#pragma once

#include "agents/dtls/event.h"
#include "agents/ice/state.h"
#include "agents/peer/states.h"

#include <span>

namespace rtclab::peer {

struct TransportStates {
  ice::State ice;
  dtls::State dtls;
};

// Neither speaks of closed connections: the owner knows whether it is closed.
[[nodiscard]] IceConnectionState ice_connection_state(std::span<const TransportStates> transports);
[[nodiscard]] ConnectionState connection_state(std::span<const TransportStates> transports);

}  // namespace rtclab::peer
