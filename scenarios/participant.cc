#include "scenarios/participant.h"

#include <cassert>
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

}  // namespace

Participant::Participant(Setting setting)
    : peer_{setting.peer},
      record_{std::move(setting.record)},
      on_change_{std::move(setting.on_change)},
      sink_{setting.sink},
      rng_{setting.rng.fork("peer")},
      signalling_{setting.host,
                  {.name = peer_.name, .server = setting.signalling, .local = {}},
                  setting.rng.fork("signalling")},
      agent_{setting.host,
             {.record = [this](Instant now, const Event& event) { record(now, event); },
              .on_drained = [this](Instant now,
                                   peer::PeerConnection& pc) { return take_events(now, pc); }},
             setting.configuration,
             rng_} {
  signalling_.on_message([this](const signalling::Message& message) { receive(message); });
  signalling_.connect();
}

peer::OperationId Participant::create_offer() {
  return agent_.call([](Instant now, auto& pc) { return pc.create_offer(now); });
}

peer::OperationId Participant::create_answer() {
  return agent_.call([](Instant now, auto& pc) { return pc.create_answer(now); });
}

peer::OperationId Participant::set_local_description(SetLocalDescription::What what) {
  return agent_.call([&](Instant now, auto& pc) {
    switch (what) {
      case SetLocalDescription::What::Created: return pc.set_local_description(now, created_);
      case SetLocalDescription::What::Implicit: return pc.set_local_description(now);
      case SetLocalDescription::What::Rollback:
        return pc.set_local_description(now, peer::Description{peer::SdpType::Rollback, {}});
    }
    __builtin_unreachable();
  });
}

std::optional<peer::OperationId> Participant::set_remote_description() {
  if (inbox_.empty() || !std::holds_alternative<peer::Description>(inbox_.front()))
    return std::nullopt;
  auto description = std::get<peer::Description>(std::move(inbox_.front()));
  inbox_.pop_front();
  const auto operation = agent_.call([&](Instant now, auto& pc) {
    return pc.set_remote_description(now, std::move(description));
  });
  take_inbox();  // the operations chain puts what follows behind it
  return operation;
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
    peer::DataChannelInit init;
    init.ordered = action.ordered;
    const auto id = pc.create_data_channel(now, action.label, init);
    if (!id) return id.error();
    channels_.insert_or_assign(action.label, *id);
    chronicle_.note_channel(now, action.label, "connecting");
    return std::nullopt;
  });
}

std::optional<peer::Error> Participant::send(const std::string& channel, const std::string& text) {
  const auto found = channels_.find(channel);
  if (found == channels_.end()) {
    return peer::Error::invalid_state(peer_.name + " has no channel \"" + channel + "\"");
  }
  return agent_.call([&](Instant now, auto& pc) -> std::optional<peer::Error> {
    const auto sent = pc.send(now, found->second, text);
    if (!sent) return sent.error();
    chronicle_.note_sent(channel);
    return std::nullopt;
  });
}

void Participant::close_channel(const std::string& channel) {
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return;
  agent_.call([&](Instant now, auto& pc) {
    pc.close_data_channel(now, found->second);
    chronicle_.note_channel(now, channel, "closing");
  });
}

void Participant::close() {
  agent_.call([&](Instant now, auto& pc) {
    pc.close(now);
    // W3C webrtc-pc §4.4.1.4: close() sets the states and fires no event for them.
    chronicle_.note_state(now, "signalingState", to_string(pc.signaling_state()));
    chronicle_.note_state(now, "iceConnectionState", to_string(pc.ice_connection_state()));
    chronicle_.note_state(now, "connectionState", to_string(pc.connection_state()));
  });
}

bool Participant::ready_to_send_description() const {
  return peer_.trickle || connection().ice_gathering_state() == peer::IceGatheringState::Complete;
}

bool Participant::has_local_description() const {
  return connection().local_description().has_value();
}

void Participant::send_description(const std::string& to) {
  auto description = connection().local_description();
  assert(description);
  partner_ = to;
  send_signal(*std::move(description));
}

bool Participant::take_events(Instant now, peer::PeerConnection& connection) {
  bool any = false;
  while (const auto event = connection.poll_event()) {
    any = true;
    std::visit([&](const auto& e) { handle(now, e); }, *event);
  }
  if (any) on_change_();
  return any;
}

void Participant::handle(Instant /*now*/, const peer::OperationSettled& event) {
  settled_.insert_or_assign(event.id, event.outcome);
  if (const auto* description = std::get_if<peer::Description>(&event.outcome))
    created_ = *description;
}
void Participant::handle(Instant /*now*/, const peer::IceCandidateEvent& event) {
  // Before the description has left, candidates travel inside it. The null candidate is for this
  // side only.
  if (event.candidate && peer_.trickle && partner_) send_signal(*event.candidate);
}
void Participant::handle(Instant now, const peer::SignalingStateChange& event) {
  chronicle_.note_state(now, "signalingState", to_string(event.to));
}
void Participant::handle(Instant now, const peer::IceGatheringStateChange& event) {
  chronicle_.note_state(now, "iceGatheringState", to_string(event.to));
}
void Participant::handle(Instant now, const peer::IceConnectionStateChange& event) {
  chronicle_.note_state(now, "iceConnectionState", to_string(event.to));
}
void Participant::handle(Instant now, const peer::ConnectionStateChange& event) {
  chronicle_.note_state(now, "connectionState", to_string(event.to));
}
void Participant::handle(Instant now, const peer::DataChannelEvent& event) {
  channels_.insert_or_assign(event.label, event.id);
  chronicle_.note_channel(now, event.label, "connecting");
}
void Participant::handle(Instant now, const peer::ChannelOpen& event) {
  chronicle_.note_channel(now, event.label, "open");
}
void Participant::handle(Instant now, const peer::ChannelClose& event) {
  chronicle_.note_channel(now, event.label, "closed");
}
void Participant::handle(Instant now, const peer::ChannelMessage& event) {
  chronicle_.note_received(now, event.label, text_of(event.message));
}
// Candidates are applied as they come; a description waits for its step, and everything behind it
// too.
void Participant::take_inbox() {
  while (!inbox_.empty() && std::holds_alternative<peer::IceCandidateInit>(inbox_.front())) {
    auto candidate = std::get<peer::IceCandidateInit>(std::move(inbox_.front()));
    inbox_.pop_front();
    agent_.call([&](Instant now, auto& pc) { pc.add_ice_candidate(now, std::move(candidate)); });
  }
}

void Participant::send_signal(const Signal& signal) {
  const auto id = signalling_.send(*partner_, to_json(signal));
  record(sim::Simulation::now(), sent_event(signal, id, peer_.name, *partner_));
}

void Participant::receive(const signalling::Message& message) {
  const auto now = sim::Simulation::now();
  auto signal = parse_signal(message.text);
  if (!signal) {
    record(now, {.name = "signalling:discarded",
                 .fields = {{"id", message.id}, {"from", message.from}},
                 .rule = std::nullopt});
    return;
  }
  record(now, received_event(*signal, message.id, message.from, peer_.name));
  inbox_.push_back(*std::move(signal));
  take_inbox();
  on_change_();
}

void Participant::record(Instant now, const Event& event) {
  if (event.name == "ice:pair_selected") {
    chronicle_.note_selected({.local = field(event, "local"),
                              .local_type = field(event, "local_type"),
                              .remote = field(event, "remote"),
                              .remote_type = field(event, "remote_type"),
                              .reason = field(event, "reason"),
                              .at = now});
  } else if ((event.name == "dtls:key_log" || event.name == "tls:key_log") && sink_ != nullptr) {
    sink_->secrets(now, field(event, "nss_line"));
  } else if (event.name == "ice:pair_nominated") {
    chronicle_.note_nominated({now, field(event, "reason")});
  }
  record_(now, event);
}

}  // namespace rtclab::scenario
