#include "agents/peer/conductor.h"

#include "agents/peer/candidate_conversion.h"
#include "agents/peer/demultiplex.h"
#include "agents/peer/ice_configuration.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::peer {
namespace {

// Nobody notices it, and it is later than the instant of the announcements.
constexpr Duration kPoolDelay = std::chrono::milliseconds{1};

// A DTLS record carries one SCTP packet (RFC 8261 §5), whose size is a multiple of four (RFC 9260
// §3).
sctp::Options to_sctp(const Configuration& configuration) {
  sctp::Options options;
  options.local_port = kSctpPort.value();
  options.mtu = (configuration.mtu - dtls::kRecordOverhead) / 4 * 4;
  options.max_message_size = kMaxMessageSize;
  // RFC 8831 §6.1 and §6.6: SHOULD.
  options.interleaving = !configuration.deviations.has(Deviation::SctpNoIData);
  options.deviations = configuration.deviations;
  return options;
}

dtls::Certificate certificate_for(const Configuration& configuration, const SeededRng& seeds) {
  if (!configuration.certificates.empty()) return configuration.certificates.front();
  auto rng = seeds.fork("certificate");
  return dtls::Certificate::generate(rng, configuration.today);
}

}  // namespace

PeerConnection::Impl::Impl(const Configuration& configuration, Rng& rng)
    : configuration_{configuration},
      ice_rng_{0},
      dtls_rng_{0},
      sctp_rng_{0},
      sdp_rng_{0},
      media_rng_{0},
      certificate_{[&] {
        const SeededRng seeds{rng.next()};
        ice_rng_ = seeds.fork("ice");
        dtls_rng_ = seeds.fork("dtls");
        sctp_rng_ = seeds.fork("sctp");
        sdp_rng_ = seeds.fork("sdp");
        media_rng_ = seeds.fork("media");
        return certificate_for(configuration, seeds);
      }()},
      ice_{ice_configuration(configuration), ice_rng_},
      transports_{ice_, dtls_rng_},
      pool_{ice_},
      channels_{to_sctp(configuration), sctp_rng_},
      transceivers_{media_rng_} {
  // RFC 9429 §5.2.1: less than 2^63 - 1, so that nobody reads it as a negative number.
  session_id_ = std::to_string(sdp_rng_.below((std::uint64_t{1} << 63u) - 1));
}

// --- the agent ---

void PeerConnection::Impl::handle_input(Instant now, const Input& input) {
  if (take_media(now, input)) return;
  ice_.handle_input(now, input);
  // Addresses are announced one by one; the pool waits a moment for all of them.
  if (std::holds_alternative<InterfaceUp>(input) && configuration_.ice_candidate_pool_size > 0)
    fill_pool_at_ = now + kPoolDelay;
  pump(now);
}

void PeerConnection::Impl::handle_timeout(Instant now) {
  now_ = now;
  if (is_only_media_due(now)) return pump_media(now);
  ice_.handle_timeout(now);
  if (fill_pool_at_ && now >= *fill_pool_at_) fill_pool();
  for (auto& transport : transports_.all()) transport.handle_timeout(now);
  channels_.current().handle_timeout(now);
  pump(now);
}

void PeerConnection::Impl::fill_pool() {
  fill_pool_at_.reset();
  if (!has_set_local_ && !closed_) pool_.resize(now_, configuration_.ice_candidate_pool_size);
}

std::optional<Output> PeerConnection::Impl::poll_output() {
  // What the application has not taken yet, it may still answer to: nothing goes on before.
  while (events_.empty() && step()) {
  }
  if (outbox_.empty()) catch_up();
  if (outbox_.empty()) return std::nullopt;
  std::optional output{std::move(outbox_.front())};
  outbox_.pop_front();
  return output;
}

// An input, or a call of the application, may come at the very instant of a deadline. The timer
// that the driver has set for it is then set anew, and nothing may stay due (agents/base/io.h).
// Media on its short way leaves nothing, and is spared the question.
void PeerConnection::Impl::catch_up() {
  if (!std::exchange(may_be_due_, false)) return;
  const auto wakeup = next_wakeup();
  if (wakeup && wakeup->at <= now_) handle_timeout(now_);
}

std::optional<Event> PeerConnection::Impl::poll_event() {
  while (events_.empty() && step()) {
  }
  if (events_.empty()) return std::nullopt;
  std::optional event{std::move(events_.front())};
  events_.pop_front();
  return event;
}

std::optional<Wakeup> PeerConnection::Impl::next_wakeup() const {
  auto wakeup = ice_.next_wakeup();
  for (const auto& transport : transports_.all())
    wakeup = Wakeup::earliest(wakeup, transport.next_wakeup());
  if (fill_pool_at_ && !closed_)
    wakeup = Wakeup::earliest(wakeup, Wakeup{*fill_pool_at_, "peer: candidate pool"});
  return Wakeup::earliest(wakeup, channels_.current().next_wakeup());
}

// One step of the event loop: a queued check of §4.7.3, or one operation. False when there is
// nothing to do.
bool PeerConnection::Impl::step() {
  if (closed_) return false;
  if (std::exchange(negotiation_check_queued_, false)) {
    check_negotiation_needed();
    return true;
  }
  if (chain_.empty()) return false;
  const auto operation = chain_.front();
  auto outcome = operation.run();
  chain_.pop();
  settle(operation.id, operation.method, std::move(outcome));
  if (chain_.empty() && std::exchange(update_on_empty_chain_, false)) update_negotiation_needed();
  pump(now_);
  return true;
}

// --- the parts, always in this order ---

void PeerConnection::Impl::pump(Instant now) {
  now_ = now;
  may_be_due_ = true;
  if (!closed_) {
    update_gathering_state();
    release_pooled();
  }
  for (bool busy = true; busy;) {
    busy = drain_ice(now);
    busy |= drain_dtls(now);
    busy |= drain_media();
    busy |= drain_sctp(now);
  }
  update_connection_states();
  assert(is_consistent());
}

// RTP changes no state of ICE, DTLS or SCTP, and when nothing of theirs is due none of them has to
// be asked.
bool PeerConnection::Impl::take_media(Instant now, const Input& input) {
  const auto* const received = std::get_if<Received>(&input);
  if (received == nullptr || demultiplex(received->bytes) != Protocol::Rtp) return false;
  if (!is_only_media_due(now)) return false;
  const auto stream = ice_.take_data(now, *received);
  if (!stream) return false;
  now_ = now;
  if (auto* const transport = transports_.owner_of(*stream))
    transport->handle_datagram(now, received->bytes);
  pump_media(now);
  return true;
}

bool PeerConnection::Impl::is_only_media_due(Instant now) const {
  const auto is_due = [now](const std::optional<Wakeup>& wakeup) {
    return wakeup && wakeup->at <= now;
  };
  return !closed_ && !fill_pool_at_ && !is_due(ice_.next_wakeup()) &&
         !is_due(channels_.current().next_wakeup()) &&
         std::ranges::none_of(transports_.all(), [&](const Transport& transport) {
           return is_due(transport.next_wakeup_but_media());
         });
}

// The transports drain their media, which does what is due first.
void PeerConnection::Impl::pump_media(Instant now) {
  drain_dtls(now);
  drain_media();
  drain_ice(now);
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
  bool busy = false;
  for (auto& transport : transports_.all()) {
    busy |= transport.drain(now, outbox_);
    while (auto event = transport.poll_event(now)) {
      react(now, transport, *event);
      busy = true;
    }
  }
  return busy;
}

bool PeerConnection::Impl::drain_sctp(Instant now) {
  bool busy = false;
  auto& channels = channels_.current();
  while (auto output = channels.poll_output()) {
    busy = true;
    if (const auto* packet = std::get_if<Bytes>(&*output)) {
      auto* const transport = transports_.find(sctp_transport_);
      if (transport != nullptr && transport->states().dtls == dtls::State::Connected)
        transport->send(now, *packet);
    } else {
      outbox_.emplace_back(std::get<rtclab::Event>(std::move(*output)));
    }
  }
  while (auto event = channels.poll_event()) {
    react(*event);
    busy = true;
  }
  return busy;
}

void PeerConnection::Impl::react(Instant now, const ice::AgentEvent& event) {
  if (closed_) return;
  if (const auto* gathered = std::get_if<ice::CandidateGathered>(&event)) {
    // A pooled candidate waits until its stream is used (§5.6, [[EarlyCandidates]]).
    if (!pool_.has(gathered->stream)) surface(gathered->candidate, gathered->ufrag);
    return;
  }
  if (const auto* end = std::get_if<ice::EndOfCandidates>(&event)) {
    auto* const transport = transports_.owner_of(end->stream);
    if (!pool_.note_end(end->stream) && transport != nullptr)
      surface_end(*transport->find(end->stream), end->ufrag);
    return;
  }
  if (const auto* failed = std::get_if<ice::GatheringFailed>(&event)) {
    // §5.6.2: 701 is for servers that could not be reached.
    emit(IceCandidateError{.address = failed->base.ip.to_string(),
                           .port = failed->base.port,
                           .url = failed->url,
                           .error_code = failed->code == 0 ? 701 : failed->code,
                           .error_text = failed->reason});
  } else if (const auto* state = std::get_if<ice::StateChanged>(&event)) {
    auto* const transport = transports_.owner_of(state->stream);
    if (transport == nullptr) return;
    transport->note_ice_state(now);
    update_connection_states();
  } else if (const auto* selected = std::get_if<ice::SelectedPairChanged>(&event)) {
    auto* const transport = transports_.owner_of(selected->stream);
    if (transport == nullptr) return;
    transport->note_selected_pair(now);
    const auto section = section_with(ice_.local_credentials(selected->stream).ufrag);
    const auto* const local = descriptions_.latest(Side::Local);
    emit(SelectedCandidatePairChange{
        .mid = section ? local->sdp.section(*section).mid() : std::nullopt,
        .local = selected->local.to_string(),
        .remote = selected->remote.to_string()});
  } else if (const auto* data = std::get_if<ice::DataReceived>(&event)) {
    if (auto* const transport = transports_.owner_of(data->stream))
      transport->handle_datagram(now, data->bytes);
  }
  // GatheringStateChanged is the agent's view, pool and all; RoleChanged is in the trace.
}

void PeerConnection::Impl::react(Instant now, Transport& transport, const dtls::Event& event) {
  const bool carries_data = sctp_transport_ == transport.id();
  if (const auto* data = std::get_if<dtls::ApplicationData>(&event)) {
    if (carries_data) channels_.current().handle_packet(now, data->bytes);
    return;
  }
  if (const auto* secrets = std::get_if<dtls::Secrets>(&event)) {
    events_.emplace_back(Secrets{secrets->nss_line});
    return;
  }
  if (closed_) return;
  update_connection_states();
  if (std::holds_alternative<dtls::Connected>(event)) begin_sctp(now);
  if (!carries_data) return;
  // W3C webrtc-pc §6.1.1: without its DTLS transport the SCTP transport is closed.
  if (std::holds_alternative<dtls::Closed>(event))
    channels_.current().abort(now, "the peer closed the DTLS association");
  if (std::holds_alternative<dtls::Failed>(event))
    channels_.current().abort(now, "the DTLS association failed");
}

void PeerConnection::Impl::trace(std::string_view name, std::vector<Field> fields) {
  outbox_.emplace_back(
      rtclab::Event{.name = name, .fields = std::move(fields), .rule = std::nullopt});
}

void PeerConnection::Impl::trace_call(std::string_view method, std::vector<Field> fields) {
  may_be_due_ = true;
  fields.insert(fields.begin(), {"method", std::string{method}});
  trace("api:call", std::move(fields));
}

}  // namespace rtclab::peer
