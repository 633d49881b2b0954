// The signalling states of a peer connection and what moves between them, as a table.
//
// Spec: RFC 9429 §3.2 (the state machine), §4.1.10.2 (rollback), W3C webrtc-pc §4.3.1.
// Every move is a row of kSignalingMoves; a description without a row for the state is
// InvalidStateError.
#pragma once

#include "agents/peer/description.h"
#include "agents/peer/states.h"

#include <array>
#include <optional>
#include <string_view>

namespace rtclab::peer {

// Which of the two set…Description() applies the description.
enum class Side : std::uint8_t { Local, Remote };

[[nodiscard]] std::string_view to_string(Side side);  // "local"

struct SignalingMove {
  SignalingState from;
  Side side;
  SdpType type;
  SignalingState to;
};

[[nodiscard]] std::optional<SignalingState> next(SignalingState from, Side side, SdpType type);

}  // namespace rtclab::peer
