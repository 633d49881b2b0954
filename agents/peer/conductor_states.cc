// The states that a connection shows, the flag that says negotiation is needed, and the end.
// Spec: W3C webrtc-pc §4.3, §4.4.3 (close), §4.7.3.
#include "agents/peer/conductor.h"
#include "agents/peer/negotiation_needed.h"

#include <algorithm>
#include <utility>

namespace rtclab::peer {

void PeerConnection::Impl::set_signaling_state(SignalingState next) {
  const auto from = std::exchange(signaling_state_, next);
  if (from != next) emit(SignalingStateChange{from, next});
}

// §4.3.2; a session begins to gather with the description that brings it.
void PeerConnection::Impl::update_gathering_state() {
  auto next = IceGatheringState::New;
  if (!transports_.all().empty()) next = IceGatheringState::Complete;
  for (const auto& transport : transports_.all()) {
    const bool gathers = std::ranges::any_of(
        transport.sessions(), [](const IceSession& each) { return !each.local_ended; });
    if (gathers) next = IceGatheringState::Gathering;
  }
  const auto from = std::exchange(gathering_state_, next);
  if (from != next) emit(IceGatheringStateChange{from, next});
}

void PeerConnection::Impl::update_connection_states() {
  if (closed_) return;
  std::vector<TransportStates> states;
  for (const auto& transport : transports_.all()) states.push_back(transport.states());
  const auto ice = peer::ice_connection_state(states);
  const auto connection = peer::connection_state(states);
  const auto ice_before = std::exchange(ice_connection_state_, ice);
  const auto before = std::exchange(connection_state_, connection);
  if (ice_before != ice) emit(IceConnectionStateChange{ice_before, ice});
  if (before != connection) emit(ConnectionStateChange{before, connection});
  if (ice_before != ice && ice == IceConnectionState::Completed && last_surfaced_ &&
      configuration_.deviations.has(Deviation::TrickleAfterNomination)) {
    auto late = *last_surfaced_;
    late.candidate.insert(late.candidate.find(':') + 1, "9");  // another foundation: it is new
    emit(IceCandidateEvent{std::move(late)});
  }
}

// §4.7.3, up to the task that it queues.
void PeerConnection::Impl::update_negotiation_needed() {
  if (chain_.empty()) {
    negotiation_check_queued_ = true;
  } else {
    update_on_empty_chain_ = true;
  }
}

// The queued task.
void PeerConnection::Impl::check_negotiation_needed() {
  if (!chain_.empty()) {
    update_on_empty_chain_ = true;
    return;
  }
  if (signaling_state_ != SignalingState::Stable &&
      !configuration_.deviations.has(Deviation::JsepNegotiationNeededEarly))
    return;
  const auto slot = [&](Side side) {
    const auto& current = descriptions_.current(side);
    return current ? &*current : nullptr;
  };
  const NegotiationFacts facts{.replaces_credentials = !to_replace_.empty(),
                               .has_channels = has_channels_,
                               .local = slot(Side::Local),
                               .remote = slot(Side::Remote)};
  if (!is_negotiation_needed(facts, transceivers_.all())) {
    negotiation_needed_ = false;
  } else if (!std::exchange(negotiation_needed_, true)) {
    emit(NegotiationNeeded{});
  }
}

bool PeerConnection::Impl::is_consistent() const {
  const bool local = descriptions_.pending(Side::Local).has_value();
  const bool remote = descriptions_.pending(Side::Remote).has_value();
  const bool negotiated = descriptions_.current(Side::Local).has_value();
  if (negotiated != descriptions_.current(Side::Remote).has_value()) return false;
  if (negotiated && !remote_session_) return false;
  switch (signaling_state_) {
    case SignalingState::Stable: return !local && !remote && !pending_session_;
    case SignalingState::HaveLocalOffer: return local && !remote && !pending_session_;
    case SignalingState::HaveRemoteOffer: return !local && remote && pending_session_;
    case SignalingState::HaveLocalPranswer:
    case SignalingState::HaveRemotePranswer: return local && remote && pending_session_;
    case SignalingState::Closed: return closed_ && chain_.empty();
  }
  __builtin_unreachable();
}

// §4.4.3: no event fires; the trace still has the states, for those who read along.
void PeerConnection::Impl::close(Instant now) {
  trace_call("close");
  if (std::exchange(closed_, true)) return;
  outbox_.emplace_back(SignalingStateChange{signaling_state_, SignalingState::Closed}.describe());
  outbox_.emplace_back(
      IceConnectionStateChange{ice_connection_state_, IceConnectionState::Closed}.describe());
  outbox_.emplace_back(
      ConnectionStateChange{connection_state_, ConnectionState::Closed}.describe());
  signaling_state_ = SignalingState::Closed;
  ice_connection_state_ = IceConnectionState::Closed;
  connection_state_ = ConnectionState::Closed;
  chain_.clear();
  TrackChanges unseen;
  for (auto& transceiver : transceivers_.all()) transceivers_.stop(transceiver, unseen);
  // From the top down, each drained before the next goes: the peer gets ABORT, then close_notify.
  channels_.current().abort(now, "User-Initiated Abort: close() was called");
  drain_sctp(now);
  for (auto& transport : transports_.all()) transport.close(now, outbox_);
  ice_.close(now);
  pump(now);
}

}  // namespace rtclab::peer
