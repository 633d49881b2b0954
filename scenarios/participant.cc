#include "scenarios/participant.h"

#include "agents/peer/codec.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace rtclab::scenario {
namespace {

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

}  // namespace rtclab::scenario
