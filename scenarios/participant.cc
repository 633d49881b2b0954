#include "scenarios/participant.h"

#include "agents/peer/codec.h"

#include <algorithm>
#include <cassert>
#include <iterator>
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

// H264 comes in several profiles.
std::vector<peer::Codec> codecs_called(std::string_view name, peer::MediaKind kind) {
  auto codecs = peer::default_codecs(kind);
  std::erase_if(codecs, [&](const peer::Codec& codec) { return codec.name != name; });
  return codecs;
}

}  // namespace

Participant::Participant(Setting setting)
    : peer_{setting.peer},
      record_{std::move(setting.record)},
      on_change_{std::move(setting.on_change)},
      sink_{setting.sink},
      stamps_{setting.stamps},
      notes_descriptions_{setting.notes_descriptions},
      rng_{setting.rng.fork("peer")},
      inbox_{setting.receipt},
      channel_{std::move(setting.channel)},
      agent_{setting.host,
             {.record = [this](Instant now, const Event& event) { record(now, event); },
              .on_drained = [this](Instant now,
                                   peer::PeerConnection& pc) { return take_events(now, pc); }},
             setting.configuration,
             rng_} {
  if (peer_.polite) {
    partner_ = std::move(setting.partner);
    agent_.call([&](Instant, auto& pc) {
      negotiation_.emplace(pc,
                           *peer_.polite ? peer::Politeness::Polite : peer::Politeness::Impolite);
    });
  }
  channel_->on_message([this](const signalling::Message& message) { receive(message); });
}

peer::OperationId Participant::create_offer(peer::OfferOptions options) {
  return agent_.call([&](Instant now, auto& pc) { return pc.create_offer(now, options); });
}

peer::OperationId Participant::create_answer() {
  return agent_.call([](Instant now, auto& pc) { return pc.create_answer(now); });
}

peer::Outcome<peer::OperationId> Participant::set_local_description(
    SetLocalDescription::What what, std::optional<peer::SdpType> type) {
  if (what == SetLocalDescription::What::Created && !created_) {
    return peer::reject(peer::Error::invalid_state(
        peer_.name + " has created no description yet that could be set"));
  }
  auto created = created_;
  if (created && type) created->type = *type;
  return agent_.call([&](Instant now, auto& pc) {
    switch (what) {
      case SetLocalDescription::What::Created: return pc.set_local_description(now, created);
      case SetLocalDescription::What::Implicit: return pc.set_local_description(now);
      default: return pc.set_local_description(now, peer::Description{peer::SdpType::Rollback, {}});
    }
  });
}

peer::OperationId Participant::set_local_description(peer::Description description) {
  return agent_.call(
      [&](Instant now, auto& pc) { return pc.set_local_description(now, std::move(description)); });
}

std::optional<peer::OperationId> Participant::set_received_description(
    std::optional<peer::SdpType> type) {
  auto received = inbox_.take_description();
  if (!received) return std::nullopt;
  auto description = std::get<peer::Description>(std::move(received->signal));
  if (type) description.type = *type;
  return set_remote_description(std::move(description));
}

peer::OperationId Participant::set_remote_description(peer::Description description) {
  const auto operation = agent_.call([&](Instant now, auto& pc) {
    return pc.set_remote_description(now, std::move(description));
  });
  take_inbox();  // the operations chain puts what follows behind it
  return operation;
}

std::optional<peer::Description> Participant::take_description() {
  auto received = inbox_.take_description();
  if (!received) return std::nullopt;
  take_inbox();
  return std::get<peer::Description>(std::move(received->signal));
}

peer::OperationId Participant::add_ice_candidate(std::optional<peer::IceCandidateInit> candidate) {
  return agent_.call(
      [&](Instant now, auto& pc) { return pc.add_ice_candidate(now, std::move(candidate)); });
}

peer::OperationId Participant::roll_back_remote() {
  return agent_.call([](Instant now, auto& pc) {
    return pc.set_remote_description(now, peer::Description{peer::SdpType::Rollback, {}});
  });
}

std::optional<Settled> Participant::settled(peer::OperationId operation) const {
  const auto found = settled_.find(operation);
  if (found == settled_.end()) return std::nullopt;
  return found->second;
}

std::optional<peer::Error> Participant::create_data_channel(const CreateDataChannel& action) {
  return agent_.call([&](Instant now, auto& pc) -> std::optional<peer::Error> {
    const auto id = pc.create_data_channel(now, action.label, action.init);
    if (!id) return id.error();
    channels_.insert_or_assign(action.label, *id);
    chronicle_.note_channel(stamps_.next(now), action.label, "connecting");
    return std::nullopt;
  });
}

peer::Outcome<peer::ChannelId> Participant::find_channel(const std::string& label) const {
  const auto found = channels_.find(label);
  if (found != channels_.end()) return found->second;
  return peer::reject(peer::Error::invalid_state(peer_.name + " has no channel \"" + label + "\""));
}

std::optional<peer::Error> Participant::send(const std::string& channel, const std::string& text) {
  const auto id = find_channel(channel);
  if (!id) return id.error();
  return agent_.call([&](Instant now, auto& pc) -> std::optional<peer::Error> {
    const auto sent = pc.send(now, *id, text);
    if (!sent) return sent.error();
    chronicle_.note_sent(channel, text);
    return std::nullopt;
  });
}

std::optional<peer::Error> Participant::add_transceiver(const AddTransceiver& action) {
  return agent_.call([&](Instant now, auto& pc) -> std::optional<peer::Error> {
    peer::TransceiverInit init;
    init.direction = *peer::parse_direction(action.direction);
    init.send_encodings = action.send_encodings;
    const auto id = action.track
                        ? pc.add_transceiver(now, *action.track, init)
                        : pc.add_transceiver(now, *peer::parse_media_kind(action.kind), init);
    if (!id) return id.error();
    transceivers_.insert_or_assign(action.name, *id);
    return std::nullopt;
  });
}

std::optional<peer::Error> Participant::add_track(const AddTrack& action) {
  return agent_.call([&](Instant now, auto& pc) -> std::optional<peer::Error> {
    const auto id = pc.add_track(now, action.track);
    if (!id) return id.error();
    transceivers_.insert_or_assign(action.track.id, *id);
    return std::nullopt;
  });
}

peer::Outcome<peer::TransceiverId> Participant::find_transceiver(const std::string& name) const {
  const auto found = transceivers_.find(name);
  if (found != transceivers_.end()) return found->second;
  return peer::reject(
      peer::Error::invalid_access(peer_.name + " has no transceiver \"" + name + "\""));
}

std::string Participant::transceiver_of_track(const std::string& track) const {
  for (const auto& [name, id] : transceivers_) {
    const auto transceiver = connection().transceiver(id);
    if (transceiver && transceiver->sender.track == track) return name;
  }
  return track;
}

template <class Call>
std::optional<peer::Error> Participant::call_of(const std::string& transceiver, Call call) {
  const auto id = find_transceiver(transceiver);
  if (!id) return id.error();
  const auto outcome = agent_.call([&](Instant now, auto& pc) { return call(now, pc, *id); });
  return outcome ? std::nullopt : std::optional{outcome.error()};
}

peer::Outcome<peer::OperationId> Participant::replace_track(const ReplaceTrack& action) {
  const auto id = find_transceiver(action.transceiver);
  if (!id) return peer::reject(id.error());
  return agent_.call(
      [&](Instant now, auto& pc) { return pc.replace_track(now, *id, action.track); });
}

std::optional<peer::Error> Participant::remove_track(const RemoveTrack& action) {
  return call_of(transceiver_of_track(action.track),
                 [](Instant now, auto& pc, auto id) { return pc.remove_track(now, id); });
}

std::optional<peer::Error> Participant::stop(const StopTransceiver& action) {
  return call_of(action.transceiver,
                 [](Instant now, auto& pc, auto id) { return pc.stop(now, id); });
}

std::optional<peer::Error> Participant::set_direction(const SetDirection& action) {
  return call_of(action.transceiver, [&](Instant now, auto& pc, auto id) {
    return pc.set_direction(now, id, *peer::parse_direction(action.direction));
  });
}

// A name stands for all codecs of the transceiver's kind that are called so; one of the other kind
// is what the interface refuses.
std::optional<peer::Error> Participant::set_codec_preferences(const SetCodecPreferences& action) {
  return call_of(action.transceiver, [&](Instant now, auto& pc, auto id) {
    const auto transceiver = pc.transceiver(id);
    const auto kind = transceiver ? transceiver->kind : peer::MediaKind::Audio;
    const auto other =
        kind == peer::MediaKind::Audio ? peer::MediaKind::Video : peer::MediaKind::Audio;
    std::vector<peer::Codec> codecs;
    for (const auto& name : action.codecs) {
      auto named = codecs_called(name, kind);
      if (named.empty()) named = codecs_called(name, other);
      std::ranges::move(named, std::back_inserter(codecs));
    }
    return pc.set_codec_preferences(now, id, std::move(codecs));
  });
}

std::optional<peer::Error> Participant::set_configuration(
    const peer::Configuration& configuration) {
  const auto outcome =
      agent_.call([&](Instant now, auto& pc) { return pc.set_configuration(now, configuration); });
  return outcome ? std::nullopt : std::optional{outcome.error()};
}

void Participant::restart_ice() {
  agent_.call([](Instant now, auto& pc) { pc.restart_ice(now); });
}

std::optional<peer::Error> Participant::close_channel(const std::string& channel) {
  const auto id = find_channel(channel);
  if (!id) return id.error();
  agent_.call([&](Instant now, auto& pc) {
    pc.close_data_channel(now, *id);
    chronicle_.note_channel(stamps_.next(now), channel, "closing");
  });
  return std::nullopt;
}

void Participant::close() {
  agent_.call([&](Instant now, auto& pc) {
    pc.close(now);
    // W3C webrtc-pc §4.4.1.4: close() sets the states and fires no event for them.
    const auto at = stamps_.next(now);
    chronicle_.note_state(at, "signalingState", to_string(pc.signaling_state()));
    chronicle_.note_state(at, "iceConnectionState", to_string(pc.ice_connection_state()));
    chronicle_.note_state(at, "connectionState", to_string(pc.connection_state()));
  });
}

bool Participant::ready_to_send_description() const {
  return peer_.trickle || connection().ice_gathering_state() == peer::IceGatheringState::Complete;
}

std::optional<peer::Error> Participant::reason_not_to_send() const {
  if (!connection().local_description())
    return peer::Error::invalid_state(peer_.name + " has no local description to send");
  const bool closed = connection().signaling_state() == peer::SignalingState::Closed;
  if (!closed || ready_to_send_description()) return std::nullopt;
  return peer::Error::invalid_state(peer_.name +
                                    " is closed, and without trickle its description waits for "
                                    "candidates that nobody gathers any more");
}

void Participant::send_description(const std::string& to) {
  auto description = connection().local_description();
  assert(description);
  send_description(*std::move(description), to);
}

void Participant::send_description(peer::Description description, const std::string& to) {
  partner_ = to;
  send_signal(std::move(description));
}

void Participant::send_candidates(const SendCandidates& action) {
  partner_ = action.to;
  holds_candidates_ = false;
  auto held = std::exchange(held_candidates_, {});
  if (action.reversed) std::ranges::reverse(held);
  for (auto& candidate : held) {
    if (action.username_fragment) candidate.username_fragment = action.username_fragment;
    send_signal(std::move(candidate));
  }
}

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

// Candidates are applied as they come; a description waits for its step. A peer that negotiates by
// itself takes descriptions too.
void Participant::take_inbox() {
  while (true) {
    while (auto received = inbox_.take_candidate(connection().remote_description())) {
      add_received(*std::move(received));
    }
    auto description = negotiation_ ? inbox_.take_description() : std::nullopt;
    if (!description) break;
    agent_.call([&](Instant now, auto&) {
      negotiation_->handle_signal(now, std::move(description->signal));
    });
  }
}

void Participant::add_received(Inbox::Entry received) {
  agent_.call([&](Instant now, auto& pc) {
    if (negotiation_) return negotiation_->handle_signal(now, std::move(received.signal));
    auto candidate = std::get<peer::IceCandidateInit>(std::move(received.signal));
    added_.emplace(pc.add_ice_candidate(now, std::move(candidate)), std::move(received.id));
  });
}

void Participant::note_held() {
  for (const auto& held : inbox_.newly_held()) {
    record(sim::Simulation::now(),
           {.name = "signalling:held",
            .fields = {{"id", held.id},
                       {"from", held.from},
                       {"why", std::string{"the description that it belongs to is not set"}}},
            .rule = std::nullopt});
  }
}

// No step waits for a candidate that signalling brought, so that nobody else would tell.
void Participant::note_refusal(Instant now, const peer::OperationSettled& event) {
  auto added = added_.extract(event.id);
  const auto* const error = std::get_if<peer::Error>(&event.outcome);
  if (!added || error == nullptr) return;
  record(now,
         {.name = "signalling:refused",
          .fields = {{"id", added.mapped()}, {"error", error->name}, {"detail", error->message}},
          .rule = std::nullopt});
}

bool Participant::send_negotiated() {
  if (!negotiation_) return false;
  bool any = false;
  while (const auto signal = negotiation_->poll_signal()) {
    send_signal(*signal);
    any = true;
  }
  while (const auto error = negotiation_->poll_error()) {
    record(sim::Simulation::now(), {.name = "scenario:negotiation_error",
                                    .fields = {{"error", error->name}, {"detail", error->message}},
                                    .rule = std::nullopt});
  }
  return any;
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

namespace {

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

void Participant::send_signal(const Signal& signal) {
  if (const auto* const candidate = std::get_if<peer::IceCandidateInit>(&signal))
    chronicle_.note_candidate(stamps_.next(sim::Simulation::now()), CandidateWay::Trickled,
                              candidate->candidate);
  const auto id = channel_->send(*partner_, to_json(signal));
  record(sim::Simulation::now(), sent_event(signal, id, peer_.name, *partner_));
}

void Participant::receive(const signalling::Message& message) {
  const auto now = sim::Simulation::now();
  auto signal = parse_signal(message.text);
  if (!signal) {
    record(now, {.name = "signalling:discarded",
                 .fields = {{"id", message.id},
                            {"from", message.from},
                            {"why", std::string{"it is no message of ours"}}},
                 .rule = std::nullopt});
    return;
  }
  record(now, received_event(*signal, message.id, message.from, peer_.name));
  if (const auto* const candidate = std::get_if<peer::IceCandidateInit>(&*signal))
    chronicle_.note_candidate(stamps_.next(now), CandidateWay::Received, candidate->candidate);
  inbox_.add({message.id, message.from, *std::move(signal)});
  take_inbox();
  note_held();
  on_change_();
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
