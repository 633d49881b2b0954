// What a peer shows, and what of it its chronicle keeps.
#include "scenarios/participant.h"

#include <utility>

namespace rtclab::scenario {
namespace {

// The text of a message for the chronicle; octets that are no string stay what they are.
std::string text_of(const peer::Message& message) {
  if (const auto* text = std::get_if<std::string>(&message)) return *text;
  return std::string{as_text(std::get<Bytes>(message))};
}

std::string field(const Event& event, std::string_view key) {
  const auto* value = event.find(key);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? std::string{} : *text;
}

TransceiverRecord record_of(const std::optional<peer::TransceiverInfo>& info) {
  if (!info || info->direction == peer::Direction::Stopped) {
    return {.direction = "stopped", .current_direction = "stopped"};
  }
  TransceiverRecord record{.kind = std::string{to_string(info->kind)},
                           .direction = std::string{to_string(info->direction)},
                           .track = info->sender.track.value_or("null"),
                           .muted = info->receiver.muted};
  if (info->current_direction)
    record.current_direction = std::string{to_string(*info->current_direction)};
  return record;
}

}  // namespace

bool Participant::take_events(Instant now, peer::PeerConnection& connection) {
  bool any = false;
  while (const auto event = connection.poll_event()) {
    // What the event tells of is so already, also what it says nothing of.
    if (!any) note_descriptions(now);
    any = true;
    if (negotiation_) negotiation_->handle_event(now, *event);
    std::visit([&](const auto& e) { handle(now, e); }, *event);
  }
  // In a round of its own, so that the trace tells of a description before it is sent.
  if (!any) return send_negotiated();
  take_inbox();  // a description that was set may be what a candidate has waited for
  note_transceivers();
  on_change_();
  return true;
}

void Participant::handle(Instant now, const peer::OperationSettled& event) {
  note_refusal(now, event);
  settled_.insert_or_assign(event.id, event.outcome);
  if (const auto* description = std::get_if<peer::Description>(&event.outcome))
    created_ = *description;
}
void Participant::handle(Instant now, const peer::IceCandidateEvent& event) {
  note_event(now, "icecandidate");
  if (event.candidate)
    chronicle_.note_candidate(stamps_.next(now), CandidateWay::Gathered,
                              event.candidate->candidate);
  if (negotiation_) return;  // sends them itself
  // Before the description has left, candidates travel inside it. The null candidate is for this
  // side only.
  if (!event.candidate || !peer_.trickle) return;
  if (holds_candidates_) return held_candidates_.push_back(*event.candidate);
  if (partner_) send_signal(*event.candidate);
}
void Participant::handle(Instant now, const peer::SignalingStateChange& event) {
  note_event(now, "signalingstatechange");
  chronicle_.note_state(stamps_.next(now), "signalingState", to_string(event.to));
}
void Participant::handle(Instant now, const peer::IceGatheringStateChange& event) {
  note_event(now, "icegatheringstatechange");
  chronicle_.note_state(stamps_.next(now), "iceGatheringState", to_string(event.to));
}
void Participant::handle(Instant now, const peer::IceConnectionStateChange& event) {
  note_event(now, "iceconnectionstatechange");
  chronicle_.note_state(stamps_.next(now), "iceConnectionState", to_string(event.to));
}
void Participant::handle(Instant now, const peer::ConnectionStateChange& event) {
  note_event(now, "connectionstatechange");
  chronicle_.note_state(stamps_.next(now), "connectionState", to_string(event.to));
}
void Participant::handle(Instant now, const peer::NegotiationNeeded& /*event*/) {
  note_event(now, "negotiationneeded");
}
void Participant::handle(Instant now, const peer::IceCandidateError& event) {
  chronicle_.note_event({.at = stamps_.next(now),
                         .type = "icecandidateerror",
                         .error_code = event.error_code,
                         .url = event.url});
}
void Participant::handle(Instant now, const peer::SelectedCandidatePairChange& /*event*/) {
  note_event(now, "selectedcandidatepairchange");
}
void Participant::handle(Instant now, const peer::TrackEvent& /*event*/) {
  note_event(now, "track");
}
void Participant::handle(Instant now, const peer::StreamTrackAdded& /*event*/) {
  note_event(now, "addtrack");
}
void Participant::handle(Instant now, const peer::StreamTrackRemoved& /*event*/) {
  note_event(now, "removetrack");
}
void Participant::handle(Instant now, const peer::TrackEnded& /*event*/) {
  note_event(now, "ended");
}
void Participant::handle(Instant now, const peer::TrackMuted& /*event*/) {
  note_event(now, "mute");
}
void Participant::handle(Instant now, const peer::TrackUnmuted& /*event*/) {
  note_event(now, "unmute");
}
void Participant::handle(Instant now, const peer::DataChannelEvent& event) {
  note_event(now, "datachannel", event.label);
  channels_.insert_or_assign(event.label, event.id);
  chronicle_.note_channel(stamps_.next(now), event.label, "connecting");
}
void Participant::handle(Instant now, const peer::ChannelOpen& event) {
  note_event(now, "open", event.label);
  chronicle_.note_channel(stamps_.next(now), event.label, "open");
}
void Participant::handle(Instant now, const peer::ChannelBufferedAmountLow& event) {
  note_event(now, "bufferedamountlow", event.label);
}
void Participant::handle(Instant now, const peer::ChannelClosing& event) {
  note_event(now, "closing", event.label);
  chronicle_.note_channel(stamps_.next(now), event.label, "closing");
}
void Participant::handle(Instant now, const peer::ChannelError& event) {
  chronicle_.note_event({.at = stamps_.next(now),
                         .type = "error",
                         .channel = event.label,
                         .error_detail = event.error.error_detail});
}
void Participant::handle(Instant now, const peer::ChannelClose& event) {
  note_event(now, "close", event.label);
  chronicle_.note_channel(stamps_.next(now), event.label, "closed");
}
void Participant::handle(Instant now, const peer::ChannelMessage& event) {
  note_event(now, "message", event.label);
  chronicle_.note_received(stamps_.next(now), event.label, text_of(event.message));
}

void Participant::note_event(Instant now, std::string type, std::string channel) {
  chronicle_.note_event(
      {.at = stamps_.next(now), .type = std::move(type), .channel = std::move(channel)});
}

// Those that the other peer's offers make have no name but their mid, and that goes with them.
void Participant::note_transceivers() {
  for (const auto& transceiver : connection().transceivers()) {
    if (transceiver.mid) transceivers_.try_emplace(*transceiver.mid, transceiver.id);
  }
}

void Participant::note_descriptions(Instant now) {
  if (!notes_descriptions_) return;
  const auto at = stamps_.next(now);
  const auto& pc = connection();
  chronicle_.note_description(at, "pendingLocalDescription", pc.pending_local_description());
  chronicle_.note_description(at, "currentLocalDescription", pc.current_local_description());
  chronicle_.note_description(at, "localDescription", pc.local_description());
  chronicle_.note_description(at, "pendingRemoteDescription", pc.pending_remote_description());
  chronicle_.note_description(at, "currentRemoteDescription", pc.current_remote_description());
  chronicle_.note_description(at, "remoteDescription", pc.remote_description());
}

void Participant::conclude() {
  const auto now = sim::Simulation::now();
  note_descriptions(now);
  chronicle_.note_statistics(connection().stats());
  for (const auto& [name, id] : transceivers_)
    chronicle_.note_transceiver(name, record_of(connection().transceiver(id)));
  std::vector<TransceiverRecord> all;
  for (const auto& info : connection().transceivers()) {
    if (info.direction != peer::Direction::Stopped) all.push_back(record_of(info));
  }
  chronicle_.note_transceivers(std::move(all));
}

void Participant::record(Instant now, const Event& event) {
  if (event.name == "ice:pair_selected") {
    chronicle_.note_selected({.local = field(event, "local"),
                              .local_type = field(event, "local_type"),
                              .remote = field(event, "remote"),
                              .remote_type = field(event, "remote_type"),
                              .protocol = field(event, "protocol"),
                              .reason = field(event, "reason"),
                              .at = stamps_.next(now)});
  } else if ((event.name == "dtls:key_log" || event.name == "tls:key_log") && sink_ != nullptr) {
    sink_->secrets(now, field(event, "nss_line"));
  } else if (event.name == "ice:pair_nominated") {
    chronicle_.note_nominated({now, field(event, "reason")});
  }
  record_(now, event);
}

}  // namespace rtclab::scenario
