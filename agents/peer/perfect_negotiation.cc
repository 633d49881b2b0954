#include "agents/peer/perfect_negotiation.h"

#include "agents/peer/peer_connection.h"

#include <algorithm>

namespace rtclab::peer {

void PerfectNegotiation::handle_event(Instant now, const Event& event) {
  if (std::holds_alternative<NegotiationNeeded>(event)) {
    making_offer_ = true;
    awaited_.emplace_back(connection_->set_local_description(now), Step::MakeOffer);
  } else if (const auto* ice = std::get_if<IceCandidateEvent>(&event)) {
    // null stands for the end of gathering, which the other side learns from "" already.
    if (ice->candidate) signals_.emplace_back(*ice->candidate);
  } else if (const auto* done = std::get_if<OperationSettled>(&event)) {
    const auto found = std::ranges::find(awaited_, done->id, &std::pair<OperationId, Step>::first);
    if (found == awaited_.end()) return;
    const auto step = found->second;
    awaited_.erase(found);
    settled(now, step, done->outcome);
  }
}

void PerfectNegotiation::handle_signal(Instant now, Signal signal) {
  if (auto* description = std::get_if<Description>(&signal)) {
    handle_description(now, std::move(*description));
  } else {
    awaited_.emplace_back(
        connection_->add_ice_candidate(now, std::get<IceCandidateInit>(std::move(signal))),
        Step::Candidate);
  }
}

void PerfectNegotiation::handle_description(Instant now, Description description) {
  const bool is_offer = description.type == SdpType::Offer;
  // While an answer is being set the connection is as good as stable: the offer waits in the chain.
  const bool ready = !making_offer_ && (connection_->signaling_state() == SignalingState::Stable ||
                                        setting_remote_answer_);
  const bool collides = is_offer && !ready;
  ignore_offer_ = politeness_ == Politeness::Impolite && collides;
  if (ignore_offer_) return;
  setting_remote_answer_ = description.type == SdpType::Answer;
  awaited_.emplace_back(connection_->set_remote_description(now, std::move(description)),
                        is_offer ? Step::SetRemoteOffer : Step::SetRemoteAnswer);
}

void PerfectNegotiation::settled(Instant now, Step step, const Settlement& outcome) {
  const auto* const error = std::get_if<Error>(&outcome);
  switch (step) {
    case Step::MakeOffer:
      making_offer_ = false;
      if (error == nullptr) send_local_description();
      break;
    case Step::SetRemoteOffer:
      if (error != nullptr) break;
      awaited_.emplace_back(connection_->set_local_description(now), Step::Answer);
      break;
    case Step::SetRemoteAnswer:
      // The example leaves it set when the answer fails, and would then take a colliding offer.
      setting_remote_answer_ = false;
      break;
    case Step::Answer:
      if (error == nullptr) send_local_description();
      break;
    case Step::Candidate:
      // Candidates of an offer that was ignored fit nothing here.
      if (ignore_offer_) return;
      break;
  }
  if (error != nullptr) errors_.push_back(*error);
}

void PerfectNegotiation::send_local_description() {
  if (auto description = connection_->local_description()) {
    signals_.emplace_back(std::move(*description));
  }
}

std::optional<Signal> PerfectNegotiation::poll_signal() {
  if (signals_.empty()) return std::nullopt;
  auto signal = std::move(signals_.front());
  signals_.pop_front();
  return signal;
}

std::optional<Error> PerfectNegotiation::poll_error() {
  if (errors_.empty()) return std::nullopt;
  auto error = std::move(errors_.front());
  errors_.pop_front();
  return error;
}

}  // namespace rtclab::peer
