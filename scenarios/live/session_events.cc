// What the agent reports, and what the application does about it.
#include "scenarios/live/news.h"
#include "scenarios/live/session.h"

#include <utility>

namespace rtclab::program {

bool Session::take_events(Instant /*now*/, peer::PeerConnection& connection) {
  bool any = false;
  while (const auto event = connection.poll_event()) {
    any = true;
    std::visit([this](const auto& each) { handle(each); }, *event);
  }
  return any;
}

void Session::handle(const peer::OperationSettled& event) {
  const auto found = pending_.extract(event.id);
  if (!found) return;
  const auto& [purpose, request] = found.mapped();
  if (const auto* const error = std::get_if<peer::Error>(&event.outcome)) {
    write_(error_news(request.id, event.method, *error));
    return;
  }
  if (purpose == Purpose::Asked) {
    const auto* const description = std::get_if<peer::Description>(&event.outcome);
    write_(done_news(request, description == nullptr ? std::nullopt : std::optional{*description}));
  }
  if (purpose == Purpose::RemoteOffer) negotiate();
  const auto* const set = std::get_if<SetLocalDescription>(&request.command);
  const bool rolled_back =
      set != nullptr && set->description && set->description->type == peer::SdpType::Rollback;
  if (set != nullptr && !rolled_back) offer_description();
}

// Sets what the signalling state calls for: an offer, or the answer to one.
void Session::negotiate() {
  ask(Purpose::Negotiation, {{}, SetLocalDescription{}},
      [](Instant now, auto& pc) { return pc.set_local_description(now); });
}

// Without trickle a description is complete only when gathering is.
void Session::offer_description() {
  const auto& pc = driver_.agent();
  const auto description = pc.local_description();
  if (!description) return;
  description_waits_ =
      !options_.trickle && pc.ice_gathering_state() != peer::IceGatheringState::Complete;
  if (!description_waits_) {
    hand_over(*description);
    handed_over_ = true;
  }
}

void Session::hand_over(const scenario::Signal& signal) {
  if (recorder_ != nullptr) recorder_->sent(clock_.now(), signal);
  write_(scenario::to_json(signal));
}

void Session::handle(const peer::IceCandidateEvent& event) {
  if (!event.candidate)
    write_(gathering_done_news());
  else if (options_.trickle && handed_over_)
    hand_over(*event.candidate);
}
void Session::handle(const peer::SignalingStateChange& event) {
  write_(state_news("signalingState", to_string(event.to)));
}
void Session::handle(const peer::IceGatheringStateChange& event) {
  write_(state_news("iceGatheringState", to_string(event.to)));
  if (event.to == peer::IceGatheringState::Complete && description_waits_) offer_description();
}
void Session::handle(const peer::IceConnectionStateChange& event) {
  write_(state_news("iceConnectionState", to_string(event.to)));
}
void Session::handle(const peer::ConnectionStateChange& event) {
  write_(state_news("connectionState", to_string(event.to)));
}
void Session::handle(const peer::NegotiationNeeded& /*event*/) {
  write_(negotiation_needed_news());
  if (options_.mode != Mode::Manual) negotiate();
}
void Session::handle(const peer::DataChannelEvent& event) {
  channels_.insert_or_assign(event.label, event.id);
  write_(announced_news(event));
}
void Session::handle(const peer::ChannelOpen& event) {
  write_(channel_news(event.label, "open"));
}
void Session::handle(const peer::ChannelClose& event) {
  write_(channel_news(event.label, "closed"));
}
void Session::handle(const peer::ChannelMessage& event) {
  write_(data_news(event));
}
void Session::handle(const peer::Secrets& /*event*/) {
  // Too late for the capture: it needs the keys before the packet that needs them; see record().
}

void Session::record(Instant now, const Event& event) {
  if (event.name == "ice:pair_selected") write_(pair_news(event));
  if (recorder_ != nullptr) recorder_->record(now, event);
}

}  // namespace rtclab::program
