#include "agents/peer/conductor.h"

#include "agents/peer/candidate_conversion.h"

#include <cassert>
#include <utility>

namespace rtclab::peer {
namespace {

ice::Configuration to_ice(const Configuration& configuration) {
  ice::Configuration ice;
  for (const auto& server : configuration.ice_servers) {
    if (server.kind == IceServerKind::Stun) {
      ice.stun_servers.push_back(server.server);
    } else {
      ice.turn_servers.push_back({server.server, server.username, server.credential});
    }
  }
  ice.policy = configuration.ice_transport_policy == IceTransportPolicy::Relay
                   ? ice::CandidatePolicy::Relay
                   : ice::CandidatePolicy::All;
  ice.deviations = configuration.deviations;
  return ice;
}

// A DTLS record carries one SCTP packet (RFC 8261 §5), whose size is a multiple of four (RFC 9260
// §3).
sctp::Options to_sctp(const Configuration& configuration) {
  sctp::Options options;
  options.local_port = kSctpPort.value();
  options.mtu = (configuration.mtu - dtls::kRecordOverhead) / 4 * 4;
  options.max_message_size = kMaxMessageSize;
  return options;
}

dtls::Certificate certificate_for(const Configuration& configuration, const SeededRng& seeds) {
  if (!configuration.certificates.empty()) return configuration.certificates.front();
  auto rng = seeds.fork("certificate");
  return dtls::Certificate::generate(rng, configuration.today);
}

IceGatheringState to_peer(ice::GatheringState state) {
  switch (state) {
    case ice::GatheringState::New: return IceGatheringState::New;
    case ice::GatheringState::Gathering: return IceGatheringState::Gathering;
    case ice::GatheringState::Complete: return IceGatheringState::Complete;
  }
  __builtin_unreachable();
}

}  // namespace

PeerConnection::Impl::Impl(const Configuration& configuration, Rng& rng)
    : configuration_{configuration},
      ice_rng_{0},
      dtls_rng_{0},
      sctp_rng_{0},
      sdp_rng_{0},
      certificate_{[&] {
        const SeededRng seeds{rng.next()};
        ice_rng_ = seeds.fork("ice");
        dtls_rng_ = seeds.fork("dtls");
        sctp_rng_ = seeds.fork("sctp");
        sdp_rng_ = seeds.fork("sdp");
        return certificate_for(configuration, seeds);
      }()},
      ice_{to_ice(configuration), ice_rng_},
      channels_{to_sctp(configuration), sctp_rng_} {
  // RFC 9429 §5.2.1: less than 2^63 - 1, so that nobody reads it as a negative number.
  session_id_ = std::to_string(sdp_rng_.below((std::uint64_t{1} << 63u) - 1));
}

// --- the agent ---

void PeerConnection::Impl::handle_input(Instant now, const Input& input) {
  ice_.handle_input(now, input);
  pump(now);
}

void PeerConnection::Impl::handle_timeout(Instant now) {
  ice_.handle_timeout(now);
  if (transport_) transport_->handle_timeout(now);
  channels_.handle_timeout(now);
  pump(now);
}

std::optional<Output> PeerConnection::Impl::poll_output() {
  turn();
  if (outbox_.empty()) return std::nullopt;
  std::optional output{std::move(outbox_.front())};
  outbox_.pop_front();
  return output;
}

std::optional<Event> PeerConnection::Impl::poll_event() {
  turn();
  if (events_.empty()) return std::nullopt;
  std::optional event{std::move(events_.front())};
  events_.pop_front();
  return event;
}

std::optional<Wakeup> PeerConnection::Impl::next_wakeup() const {
  auto wakeup = ice_.next_wakeup();
  if (transport_) wakeup = Wakeup::earliest(wakeup, transport_->next_wakeup());
  return Wakeup::earliest(wakeup, channels_.next_wakeup());
}

// One turn of the event loop: the operations in their order, then the queued check of §4.7.3.
void PeerConnection::Impl::turn() {
  while (!chain_.empty() && !closed_) {
    const auto operation = chain_.front();
    auto outcome = operation.run();
    chain_.pop();
    settle(operation.id, operation.method, std::move(outcome));
    pump(now_);
  }
  if (!std::exchange(check_negotiation_, false) || closed_) return;
  if (signaling_state_ != SignalingState::Stable) return;
  if (!is_negotiation_needed()) {
    negotiation_needed_ = false;
  } else if (!std::exchange(negotiation_needed_, true)) {
    emit(NegotiationNeeded{});
  }
}

// --- the parts, always in this order ---

void PeerConnection::Impl::pump(Instant now) {
  now_ = now;
  for (bool busy = true; busy;) {
    busy = drain_ice(now);
    busy |= drain_dtls(now);
    busy |= drain_sctp(now);
  }
  update_connection_states();
  assert(is_consistent());
}

bool PeerConnection::Impl::drain_ice(Instant now) {
  bool busy = false;
  while (auto output = ice_.poll_output()) {
    outbox_.push_back(std::move(*output));
    busy = true;
  }
  while (auto event = ice_.poll_event()) {
    react(now, *event);
    busy = true;
  }
  return busy;
}

bool PeerConnection::Impl::drain_dtls(Instant now) {
  if (!transport_) return false;
  bool busy = transport_->drain(now, outbox_);
  while (auto event = transport_->poll_event()) {
    react(now, *event);
    busy = true;
  }
  return busy;
}

bool PeerConnection::Impl::drain_sctp(Instant now) {
  bool busy = false;
  while (auto output = channels_.poll_output()) {
    busy = true;
    if (const auto* packet = std::get_if<Bytes>(&*output)) {
      if (transport_ && transport_->states().dtls == dtls::State::Connected)
        transport_->send(now, *packet);
    } else {
      outbox_.emplace_back(std::get<rtclab::Event>(std::move(*output)));
    }
  }
  while (auto event = channels_.poll_event()) {
    react(*event);
    busy = true;
  }
  return busy;
}

void PeerConnection::Impl::react(Instant now, const ice::AgentEvent& event) {
  if (closed_) return;
  if (const auto* gathered = std::get_if<ice::CandidateGathered>(&event)) {
    surface(*gathered);
  } else if (const auto* end = std::get_if<ice::EndOfCandidates>(&event)) {
    surface_end(*end);
  } else if (const auto* gathering = std::get_if<ice::GatheringStateChanged>(&event)) {
    if (transport_active_) set_gathering_state(to_peer(gathering->state));
  } else if (const auto* state = std::get_if<ice::StateChanged>(&event)) {
    if (!transport_ || state->stream != transport_->stream()) return;
    transport_->note_ice_state(now);
    update_connection_states();
  } else if (const auto* data = std::get_if<ice::DataReceived>(&event)) {
    if (transport_ && data->stream == transport_->stream())
      transport_->handle_datagram(now, data->bytes);
  }
  // SelectedPairChanged, RoleChanged and GatheringFailed are in the trace; nobody here acts on
  // them.
}

void PeerConnection::Impl::react(Instant now, const dtls::Event& event) {
  if (const auto* data = std::get_if<dtls::ApplicationData>(&event)) {
    channels_.handle_packet(now, data->bytes);
    return;
  }
  if (const auto* secrets = std::get_if<dtls::Secrets>(&event)) {
    events_.emplace_back(Secrets{secrets->nss_line});
    return;
  }
  if (closed_) return;
  update_connection_states();
  if (std::holds_alternative<dtls::Connected>(event)) begin_sctp(now);
  // W3C webrtc-pc §6.1.1: without its DTLS transport the SCTP transport is closed.
  if (std::holds_alternative<dtls::Closed>(event))
    channels_.abort(now, "the peer closed the DTLS association");
  if (std::holds_alternative<dtls::Failed>(event))
    channels_.abort(now, "the DTLS association failed");
}

// --- candidates: W3C webrtc-pc §5.6.1 ("surface a candidate") ---

void PeerConnection::Impl::surface(const ice::CandidateGathered& gathered) {
  const auto section = data_section();
  if (!transport_ || gathered.stream != transport_->stream() || !section) return;
  const auto candidate = to_sdp(gathered.candidate, gathered.ufrag, configuration_.deviations);
  descriptions_.add_candidate(Side::Local, *section, gathered.ufrag, candidate);
  IceCandidateInit init{.candidate = candidate.serialize(),
                        .sdp_mid = descriptions_.latest(Side::Local)->sdp.section(*section).mid(),
                        .sdp_mline_index = static_cast<std::uint16_t>(*section),
                        .username_fragment = gathered.ufrag};
  last_surfaced_ = init;
  emit(IceCandidateEvent{std::move(init)});
}

void PeerConnection::Impl::surface_end(const ice::EndOfCandidates& end) {
  const auto section = data_section();
  if (!transport_ || end.stream != transport_->stream() || !section) return;
  end_of_candidates_ = true;
  descriptions_.add_end_of_candidates(Side::Local, *section, end.ufrag);
  const bool names_generation = !configuration_.deviations.has(Deviation::TrickleEndWithoutUfrag);
  emit(IceCandidateEvent{IceCandidateInit{
      .candidate = {},
      .sdp_mid = descriptions_.latest(Side::Local)->sdp.section(*section).mid(),
      .sdp_mline_index = static_cast<std::uint16_t>(*section),
      .username_fragment = names_generation ? std::optional{end.ufrag} : std::nullopt}});
  if (configuration_.deviations.has(Deviation::TrickleAfterEndOfCandidates) && last_surfaced_) {
    emit(IceCandidateEvent{last_surfaced_});
  }
}

// --- states ---

void PeerConnection::Impl::set_signaling_state(SignalingState next) {
  const auto from = std::exchange(signaling_state_, next);
  if (from != next) emit(SignalingStateChange{from, next});
}

void PeerConnection::Impl::set_gathering_state(IceGatheringState next) {
  const auto from = std::exchange(gathering_state_, next);
  if (from == next) return;
  emit(IceGatheringStateChange{from, next});
  if (next == IceGatheringState::Complete) emit(IceCandidateEvent{std::nullopt});
}

void PeerConnection::Impl::update_connection_states() {
  if (closed_) return;
  std::vector<TransportStates> transports;
  if (transport_ && transport_active_) transports.push_back(transport_->states());
  const auto ice = peer::ice_connection_state(transports);
  const auto connection = peer::connection_state(transports);
  const auto ice_before = std::exchange(ice_connection_state_, ice);
  const auto before = std::exchange(connection_state_, connection);
  if (ice_before != ice) emit(IceConnectionStateChange{ice_before, ice});
  if (before != connection) emit(ConnectionStateChange{before, connection});
}

bool PeerConnection::Impl::is_consistent() const {
  const bool local = descriptions_.pending(Side::Local).has_value();
  const bool remote = descriptions_.pending(Side::Remote).has_value();
  const bool negotiated = descriptions_.current(Side::Local).has_value();
  if (negotiated != descriptions_.current(Side::Remote).has_value()) return false;
  if (transport_active_ && !transport_) return false;
  switch (signaling_state_) {
    case SignalingState::Stable: return !local && !remote;
    case SignalingState::HaveLocalOffer: return local && !remote;
    case SignalingState::HaveRemoteOffer: return !local && remote && pending_session_;
    case SignalingState::HaveLocalPranswer:
    case SignalingState::HaveRemotePranswer:
      return local && remote && pending_session_ && remote_session_;
    case SignalingState::Closed: return closed_ && chain_.empty();
  }
  __builtin_unreachable();
}

// W3C webrtc-pc §4.4.3: no event fires; the trace still has the states, for those who read along.
void PeerConnection::Impl::close(Instant now) {
  trace("api:call", {{"method", std::string{"close"}}});
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
  // From the top down, each drained before the next goes: the peer gets ABORT, then close_notify.
  channels_.abort(now, "User-Initiated Abort: close() was called");
  drain_sctp(now);
  if (transport_) transport_->close(now);
  drain_dtls(now);
  ice_.close(now);
  pump(now);
}

void PeerConnection::Impl::settle(OperationId id, std::string method, Settlement outcome) {
  emit(OperationSettled{id, std::move(method), std::move(outcome)});
}

void PeerConnection::Impl::trace(std::string_view name, std::vector<Field> fields) {
  outbox_.emplace_back(
      rtclab::Event{.name = name, .fields = std::move(fields), .rule = std::nullopt});
}

}  // namespace rtclab::peer
