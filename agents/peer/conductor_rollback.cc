// Rollback, and the end that all descriptions have in common: RFC 9429 §5.7, W3C webrtc-pc
// §4.4.1.5.
#include "agents/peer/conductor.h"

#include <utility>

namespace rtclab::peer {

Outcome<void> PeerConnection::Impl::rollback(Side side) {
  const auto state = next(signaling_state_, side, SdpType::Rollback);
  if (!state) {
    return reject(Error::invalid_state("there is nothing to roll back in the state \"" +
                                       std::string{to_string(signaling_state_)} + '"'));
  }
  if (configuration_.deviations.has(Deviation::JsepRollbackIgnored)) return {};
  TrackChanges changes;
  transceivers_.rollback(signaling_state_ == SignalingState::HaveRemoteOffer, changes);
  descriptions_.rollback();
  pending_session_.reset();
  plan_ = stable_plan_;
  trace("peer:description_set",
        {{"which", std::string{"none pending"}}, {"type", std::string{"rollback"}}});
  transports_.rollback(now_, outbox_);
  if (transports_.all().empty()) ice_role_known_ = false;
  if (signaling_state_ == SignalingState::HaveLocalOffer) prepare_media();
  enter(*state, changes);
  return {};
}

void PeerConnection::Impl::enter(SignalingState state, const TrackChanges& changes) {
  if (state == SignalingState::Stable) {
    ++revision_;
    negotiation_needed_ = false;
    update_negotiation_needed();
  }
  set_signaling_state(state);
  tell(changes);
}

void PeerConnection::Impl::describe_set(Side side, SdpType type) {
  const auto* const slot = type == SdpType::Answer ? "current_" : "pending_";
  trace("peer:description_set",
        {{"which", slot + std::string{to_string(side)}}, {"type", std::string{to_string(type)}}});
}

}  // namespace rtclab::peer
