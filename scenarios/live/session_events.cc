// What the agent reports, and what the application does about it.
#include "scenarios/live/news.h"
#include "scenarios/live/session.h"

#include <utility>

namespace rtclab::program {

bool Session::take_events(Instant now, peer::PeerConnection& connection) {
  bool any = false;
  while (const auto event = connection.poll_event()) {
    any = true;
    std::visit([this](const auto& each) { handle(each); }, *event);
    if (negotiation_) negotiation_->handle_event(now, *event);
  }
  return carry_negotiation() || any;
}

bool Session::carry_negotiation() {
  if (!negotiation_) return false;
  bool any = false;
  while (const auto signal = negotiation_->poll_signal()) {
    any = true;
    tell_local(*signal);
  }
  while (const auto error = negotiation_->poll_error()) write_(error_news({}, {}, *error));
  return any;
}

void Session::handle(const peer::OperationSettled& event) {
  const auto found = pending_.extract(event.id);
  if (!found) return;  // the pattern's own
  const auto& [purpose, request] = found.mapped();
  if (const auto* const error = std::get_if<peer::Error>(&event.outcome)) {
    write_(error_news(request.id, event.method, *error));
    return;
  }
  if (purpose == Purpose::Asked) {
    const auto* const description = std::get_if<peer::Description>(&event.outcome);
    write_(description == nullptr ? done_news(request) : done_news(request, *description));
  }
  if (purpose == Purpose::RemoteOffer) answer();
  const auto* const set = std::get_if<SetLocalDescription>(&request.command);
  const bool rolled_back =
      set != nullptr && set->description && set->description->type == peer::SdpType::Rollback;
  if (set == nullptr || rolled_back) return;
  if (const auto description = driver_.agent().local_description()) tell_local(*description);
}

void Session::answer() {
  ask(Purpose::Answering, {{}, SetLocalDescription{}},
      [](Instant now, auto& pc) { return pc.set_local_description(now); });
}

// RFC 8838 §3: who answers a peer that does not say it can take late candidates tells all of them
// at once. An offer of ours says that we trickle, whoever reads it.
bool Session::trickles() const {
  const auto& pc = driver_.agent();
  const auto description = pc.local_description();
  const bool answers = description && description->type != peer::SdpType::Offer;
  return options_.trickle && !(answers && pc.can_trickle_ice_candidates() == false);
}

// Without trickle a description is complete only when gathering is, and candidates travel inside
// it.
void Session::tell_local(const scenario::Signal& signal) {
  if (trickles())
    hand_over(signal);
  else if (std::holds_alternative<peer::Description>(signal))
    tell_description();
}

void Session::tell_description() {
  const auto& pc = driver_.agent();
  description_waits_ = pc.ice_gathering_state() != peer::IceGatheringState::Complete;
  const auto description = pc.local_description();
  if (!description_waits_ && description) hand_over(*description);
}

void Session::hand_over(const scenario::Signal& signal) {
  if (recorder_ != nullptr) recorder_->sent(driver_.instant(), signal);
  write_(scenario::to_json(signal));
}

void Session::handle(const peer::IceCandidateEvent& event) {
  if (!event.candidate)
    write_(gathering_done_news());
  else if (!negotiation_)
    tell_local(*event.candidate);
}
void Session::handle(const peer::IceCandidateError& event) {
  write_(candidate_error_news(event));
}
void Session::handle(const peer::SignalingStateChange& event) {
  write_(state_news("signalingState", to_string(event.to)));
}
void Session::handle(const peer::IceGatheringStateChange& event) {
  write_(state_news("iceGatheringState", to_string(event.to)));
  if (event.to == peer::IceGatheringState::Complete && description_waits_) tell_description();
}
void Session::handle(const peer::IceConnectionStateChange& event) {
  write_(state_news("iceConnectionState", to_string(event.to)));
}
void Session::handle(const peer::ConnectionStateChange& event) {
  write_(state_news("connectionState", to_string(event.to)));
}
void Session::handle(const peer::SelectedCandidatePairChange& /*event*/) {
  // The trace's ice:pair_selected says it with the reason; see record().
}
void Session::handle(const peer::NegotiationNeeded& /*event*/) {
  write_(negotiation_needed_news());
}
void Session::handle(const peer::TrackEvent& event) {
  write_(track_news(event));
}
void Session::handle(const peer::StreamTrackAdded& event) {
  write_(stream_news("addtrack", event.stream, event.track));
}
void Session::handle(const peer::StreamTrackRemoved& event) {
  write_(stream_news("removetrack", event.stream, event.track));
}
void Session::handle(const peer::TrackEnded& event) {
  write_(remote_track_news("ended", event.transceiver, event.track));
}
void Session::handle(const peer::TrackMuted& event) {
  write_(remote_track_news("mute", event.transceiver, event.track));
}
void Session::handle(const peer::TrackUnmuted& event) {
  write_(remote_track_news("unmute", event.transceiver, event.track));
}
void Session::handle(const peer::DataChannelEvent& event) {
  channels_.insert_or_assign(event.label, event.id);
  write_(announced_news(event));
}
void Session::handle(const peer::ChannelOpen& event) {
  write_(channel_news(event.label, "open"));
}
void Session::handle(const peer::ChannelClosing& event) {
  write_(channel_news(event.label, "closing"));
}
void Session::handle(const peer::ChannelError& event) {
  write_(error_news({}, "channel " + event.label, event.error));
}
void Session::handle(const peer::ChannelBufferedAmountLow& event) {
  write_(buffered_amount_low_news(event));
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
