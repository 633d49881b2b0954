// What a peer sends by signalling, and what becomes of what it brings.
#include "scenarios/participant.h"

#include <utility>

namespace rtclab::scenario {

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

}  // namespace rtclab::scenario
