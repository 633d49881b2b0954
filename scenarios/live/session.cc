#include "scenarios/live/session.h"

#include "scenarios/live/news.h"

#include <utility>

namespace rtclab::program {

Session::Session(boost::asio::io_context& context, const live::Clock& clock, SessionOptions options,
                 EvidenceRecorder* recorder, Write write, std::function<void()> on_end)
    : clock_{clock},
      options_{std::move(options)},
      recorder_{recorder},
      write_{std::move(write)},
      on_end_{std::move(on_end)},
      rng_{options_.seed},
      driver_{{.context = context,
               .clock = clock,
               .loopback = options_.loopback,
               .tap = recorder,
               .record = [this](Instant now, const Event& event) { record(now, event); },
               .on_drained = [this](Instant now,
                                    peer::PeerConnection& pc) { return take_events(now, pc); }},
              options_.configuration,
              rng_} {
  write_(ready_news(options_.names.local, options_.seed, driver_.addresses()));
  if (options_.mode != Mode::Manual) {
    const auto usual =
        options_.mode == Mode::Offer ? peer::Politeness::Impolite : peer::Politeness::Polite;
    driver_.call(
        [&](Instant, auto& pc) { negotiation_.emplace(pc, options_.politeness.value_or(usual)); });
  }
  for (const auto& track : options_.tracks) {
    tell({{}, AddTrack{}}, Plain<peer::TransceiverId>{[&](Instant now, auto& pc) {
           return pc.add_track(now, track, {options_.names.local});
         }});
  }
  if (options_.mode == Mode::Offer) {
    const CreateDataChannel chat{"chat", {}};
    run({{}, chat}, chat);
  }
}

void Session::take_line(std::string_view text) {
  if (text.find_first_not_of(" \t\r") == std::string_view::npos) return;
  const auto line = parse_line(text);
  if (!line) {
    write_(error_news(line.error()));
    return;
  }
  std::visit([this](const auto& each) { take(each); }, *line);
}

void Session::take(const Request& request) {
  std::visit([&](const auto& command) { run(request, command); }, request.command);
}

// --- what the other peer said ---

void Session::take(const scenario::Signal& signal) {
  note_received(signal);
  if (negotiation_) {
    driver_.call([&](Instant now, auto& /*pc*/) { negotiation_->handle_signal(now, signal); });
    return;
  }
  if (const auto* const description = std::get_if<peer::Description>(&signal)) {
    const bool is_offer = description->type == peer::SdpType::Offer;
    ask(is_offer ? Purpose::RemoteOffer : Purpose::RemoteSignal,
        {{}, SetRemoteDescription{*description}},
        [&](Instant now, auto& pc) { return pc.set_remote_description(now, *description); });
    return;
  }
  const auto& candidate = std::get<peer::IceCandidateInit>(signal);
  ask(Purpose::RemoteSignal, {{}, AddIceCandidate{candidate}},
      [&](Instant now, auto& pc) { return pc.add_ice_candidate(now, candidate); });
}

void Session::take(const NoMoreCandidates& /*signal*/) {
  ask(Purpose::RemoteSignal, {{}, AddIceCandidate{}},
      [](Instant now, auto& pc) { return pc.add_ice_candidate(now, std::nullopt); });
}

void Session::note_received(const scenario::Signal& signal) {
  if (recorder_ != nullptr) recorder_->received(driver_.instant(), signal);
}

void Session::end() {
  if (std::exchange(ended_, true)) return;
  close_connection();
  on_end_();
}

void Session::close_connection() {
  // W3C webrtc-pc §4.4.1.4: close() sets the states and fires no event for them.
  const bool was_open = driver_.agent().signaling_state() != peer::SignalingState::Closed;
  driver_.call([](Instant now, auto& pc) { pc.close(now); });
  if (!was_open) return;
  const auto& pc = driver_.agent();
  write_(state_news("signalingState", to_string(pc.signaling_state())));
  write_(state_news("iceConnectionState", to_string(pc.ice_connection_state())));
  write_(state_news("connectionState", to_string(pc.connection_state())));
}

}  // namespace rtclab::program
