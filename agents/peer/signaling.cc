#include "agents/peer/signaling.h"

#include <algorithm>

namespace rtclab::peer {
namespace {

using enum SignalingState;
using enum Side;
using enum SdpType;

// clang-format off
constexpr std::array kSignalingMoves{
    SignalingMove{Stable,             Local,  Offer,    HaveLocalOffer},
    SignalingMove{Stable,             Remote, Offer,    HaveRemoteOffer},
    SignalingMove{HaveLocalOffer,     Local,  Offer,    HaveLocalOffer},
    SignalingMove{HaveLocalOffer,     Remote, Pranswer, HaveRemotePranswer},
    SignalingMove{HaveLocalOffer,     Remote, Answer,   Stable},
    SignalingMove{HaveRemoteOffer,    Remote, Offer,    HaveRemoteOffer},
    SignalingMove{HaveRemoteOffer,    Local,  Pranswer, HaveLocalPranswer},
    SignalingMove{HaveRemoteOffer,    Local,  Answer,   Stable},
    SignalingMove{HaveLocalPranswer,  Local,  Pranswer, HaveLocalPranswer},
    SignalingMove{HaveLocalPranswer,  Local,  Answer,   Stable},
    SignalingMove{HaveRemotePranswer, Remote, Pranswer, HaveRemotePranswer},
    SignalingMove{HaveRemotePranswer, Remote, Answer,   Stable},
    // Either method takes a rollback; W3C webrtc-pc §4.4.1.5 refuses it in the other states.
    SignalingMove{HaveLocalOffer,     Local,  Rollback, Stable},
    SignalingMove{HaveLocalOffer,     Remote, Rollback, Stable},
    SignalingMove{HaveRemoteOffer,    Local,  Rollback, Stable},
    SignalingMove{HaveRemoteOffer,    Remote, Rollback, Stable},
};
// clang-format on

}  // namespace

std::string_view to_string(Side side) {
  return side == Local ? "local" : "remote";
}

std::optional<SignalingState> next(SignalingState from, Side side, SdpType type) {
  const auto* const move = std::ranges::find_if(kSignalingMoves, [&](const SignalingMove& row) {
    return row.from == from && row.side == side && row.type == type;
  });
  if (move == kSignalingMoves.end()) return std::nullopt;
  return move->to;
}

}  // namespace rtclab::peer
