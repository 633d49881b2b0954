#include "agents/peer/transport.h"

#include "agents/peer/candidate_conversion.h"
#include "agents/peer/demultiplex.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::peer {
namespace {

// A flight of a peer with a small MTU and its repetition; who floods us gains nothing.
constexpr std::size_t kMostEarlyDatagrams = 16;

// RFC 8842 §4: 20 to 255 of these characters.
constexpr std::string_view kTlsIdChars =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
constexpr std::size_t kTlsIdLength = 32;

// As long as RFC 8445 §8.3.1 keeps candidates after the conclusion: what the peer sent over the old
// pair before it selected the new one still arrives.
constexpr Duration kRetireAfter = std::chrono::seconds{3};

// What SRTP puts behind a packet: a tag of 16 octets, and for RTCP its index.
constexpr std::size_t kSrtpRoom = 20;

bool is_up(ice::State state) {
  return state == ice::State::Connected || state == ice::State::Completed;
}

}  // namespace

std::string draw_tls_id(Rng& rng) {
  return rng.text(kTlsIdLength, kTlsIdChars);
}

Transport::Transport(TransportId id, ice::Agent& ice, ice::StreamId stream, std::string tls_id,
                     TransportSetup setup, Rng& rng)
    : id_{id},
      ice_{&ice},
      setup_{std::move(setup)},
      rng_{&rng},
      tls_id_{std::move(tls_id)},
      sessions_{IceSession{.stream = stream}} {}

IceSession* Transport::find(ice::StreamId stream) {
  const auto found = std::ranges::find(sessions_, stream, &IceSession::stream);
  return found == sessions_.end() ? nullptr : &*found;
}

IceSession* Transport::find_remote(std::string_view ufrag) {
  const auto found = std::ranges::find_if(sessions_, [&](const IceSession& each) {
    return each.remote && each.remote->ufrag == ufrag;
  });
  return found == sessions_.end() ? nullptr : &*found;
}

TransportStates Transport::states() const {
  if (closed_) return {ice::State::Closed, dtls::State::Closed};
  return {ice_state(), dtls_ ? dtls_->state() : dtls::State::New};
}

// W3C webrtc-pc §5.6.4: a restart leads from "completed" to "connected", and from "disconnected"
// and "failed" to "checking"; what an older session carries stays connected.
ice::State Transport::ice_state() const {
  const auto negotiated =
      std::ranges::find_if(sessions_.rbegin(), sessions_.rend(),
                           [](const IceSession& each) { return !each.provisional; });
  if (negotiated == sessions_.rend()) return ice_->state(sessions_.back().stream);
  const auto state = ice_->state(negotiated->stream);
  const bool restarting = negotiated != sessions_.rbegin();
  if (is_up(state)) return restarting ? ice::State::Connected : state;
  const auto older = std::next(negotiated);
  if (older == sessions_.rend()) return state;
  if (is_up(ice_->state(older->stream))) return ice::State::Connected;
  return state == ice::State::New ? ice::State::Checking : state;
}

std::optional<ice::PairInfo> Transport::selected_pair() const {
  for (auto session = sessions_.rbegin(); session != sessions_.rend(); ++session) {
    if (auto pair = ice_->selected_pair(session->stream)) return pair;
  }
  return std::nullopt;
}

// --- negotiation ---

bool Transport::is_other_association(const RemoteTransport& remote) const {
  if (!remote_ || !dtls_) return false;
  if (remote_->tls_id && remote.tls_id && *remote_->tls_id != *remote.tls_id) return true;
  const auto was_known = [&](const dtls::Fingerprint& each) {
    return std::ranges::any_of(remote_->fingerprints,
                               [&](const auto& known) { return known.matches(each); });
  };
  return std::ranges::none_of(remote.fingerprints, was_known);
}

void Transport::restart(ice::StreamId stream) {
  sessions_.push_back({.stream = stream});
}

void Transport::rollback(Instant now) {
  if (setup_.deviations.has(Deviation::IceRollbackKeepsCredentials)) return;
  while (sessions_.size() > 1 && sessions_.back().provisional) {
    ice_->remove_stream(now, sessions_.back().stream);
    sessions_.pop_back();
  }
}

bool Transport::negotiated(Instant now, RemoteTransport remote, dtls::Role role) {
  auto& session = sessions_.back();
  if (session.remote && setup_.deviations.has(Deviation::SdpAnswerIgnoresRestart))
    remote.credentials = *session.remote;
  const bool is_new = session.remote != remote.credentials;
  session.remote = remote.credentials;
  session.provisional = false;
  remote_ = remote;
  role_ = role;
  if (is_new) {
    session.remote_ended = false;
    session.given.clear();
    ice_->set_remote_options(now, session.stream, remote.options);
    for (std::size_t i = 0; i + 1 < sessions_.size(); ++i)
      ice_->supersede(now, sessions_[i].stream);
    session.looks_back = sessions_.size() > 1 && sessions_[sessions_.size() - 2].remote &&
                         setup_.deviations.has(Deviation::IceRestartOldRemote);
    if (session.looks_back)
      look_back(now);
    else
      ice_->set_remote_credentials(now, session.stream, remote.credentials);
  }
  if (dtls_) dtls_->set_remote_fingerprints(now, remote.fingerprints);
  begin_dtls(now);
  return is_new;
}

// New candidates of ours, and the peer's of before: as Chromium was seen to do.
void Transport::look_back(Instant now) {
  const auto& before = sessions_[sessions_.size() - 2];
  const auto stream = sessions_.back().stream;
  ice_->set_remote_credentials(now, stream, *before.remote);
  for (const auto& text : before.given) {
    const auto candidate = sdp::Candidate::parse(text);
    const auto usable = candidate ? to_ice(*candidate) : std::nullopt;
    if (usable) ice_->add_remote_candidate(now, stream, *usable);
  }
}

void Transport::end_association(Instant now, std::string new_tls_id, std::deque<Output>& outbox) {
  tls_id_ = std::move(new_tls_id);
  role_.reset();
  early_.clear();
  if (!dtls_) return;
  dtls_->close(now);
  drain(now, outbox);
  dtls_.reset();
  association_.reset();
  if (media_) media_->drop_keys(now);
  // The new association is with whoever answers on the new session (RFC 9429 §5.11).
  while (sessions_.size() > 1) {
    ice_->remove_stream(now, sessions_.front().stream);
    sessions_.erase(sessions_.begin());
  }
  retire_at_.reset();
}

// --- what happens ---

// RFC 8445 §12.1: data may flow on a valid pair before one is nominated.
bool Transport::may_send() const {
  return std::ranges::any_of(sessions_, [&](const IceSession& each) {
    if (setup_.deviations.has(Deviation::DataBeforeConsent))
      return !ice_->pairs(each.stream).empty();
    const auto state = ice_->state(each.stream);
    // Two checks without an answer are no reason to be silent: consent lasts (RFC 7675 §5.1).
    return is_up(state) || state == ice::State::Disconnected;
  });
}

void Transport::begin_dtls(Instant now) {
  if (dtls_ || closed_ || !remote_ || !role_ || !may_send()) return;
  dtls_.emplace(*role_, setup_.certificate, dtls::Options{.mtu = setup_.mtu}, *rng_);
  dtls_->set_remote_fingerprints(now, remote_->fingerprints);
  dtls_->start(now);
  for (const auto& datagram : std::exchange(early_, {})) dtls_->handle_datagram(now, datagram);
}

void Transport::note_ice_state(Instant now) {
  begin_dtls(now);
  if (retire_at_ || sessions_.size() == 1) return;
  for (std::size_t i = 1; i < sessions_.size(); ++i) {
    if (sessions_[i].provisional) continue;
    const auto pair = ice_->selected_pair(sessions_[i].stream);
    if (pair && pair->nominated) retire_at_ = now + kRetireAfter;
  }
}

void Transport::note_selected_pair(Instant now) {
  ++counters_.selected_pair_changes;
  note_ice_state(now);
}

void Transport::retire_old_sessions(Instant now) {
  retire_at_.reset();
  for (std::size_t newest = sessions_.size() - 1; newest > 0; --newest) {
    const auto pair = ice_->selected_pair(sessions_[newest].stream);
    if (sessions_[newest].provisional || !pair || !pair->nominated) continue;
    for (std::size_t i = 0; i < newest; ++i) ice_->remove_stream(now, sessions_[i].stream);
    sessions_.erase(sessions_.begin(), sessions_.begin() + static_cast<std::ptrdiff_t>(newest));
    return;
  }
}

void Transport::handle_datagram(Instant now, ByteView datagram) {
  ++counters_.packets_received;
  counters_.bytes_received += datagram.size();
  const auto protocol = demultiplex(datagram);
  if (closed_) return;
  if (protocol == Protocol::Rtp && media_) media_->handle_datagram(now, datagram);
  if (protocol != Protocol::Dtls) return;
  if (dtls_) {
    dtls_->handle_datagram(now, datagram);
  } else if (early_.size() < kMostEarlyDatagrams) {
    // The peer's check can succeed, and its ClientHello arrive, before ours has.
    early_.emplace_back(datagram.begin(), datagram.end());
  }
}

void Transport::handle_timeout(Instant now) {
  if (dtls_) dtls_->handle_timeout(now);
  if (media_) media_->session().handle_timeout(now);
  if (retire_at_ && now >= *retire_at_) retire_old_sessions(now);
}

void Transport::send(Instant now, ByteView data) {
  assert(dtls_);
  dtls_->send(now, data);
}

void Transport::close(Instant now, std::deque<Output>& outbox) {
  if (media_) media_->session().close(now);
  drain(now, outbox);
  if (dtls_) dtls_->close(now);
  drain(now, outbox);
  closed_ = true;
}

bool Transport::drain(Instant now, std::deque<Output>& outbox) {
  begin_dtls(now);
  const bool busy = drain_dtls(now, outbox);
  return drain_media(now, outbox) || busy;
}

bool Transport::drain_dtls(Instant now, std::deque<Output>& outbox) {
  bool busy = false;
  while (dtls_) {
    auto output = dtls_->poll_output();
    if (!output) break;
    busy = true;
    if (const auto* datagram = std::get_if<Bytes>(&*output)) {
      transmit(now, *datagram);
    } else {
      outbox.emplace_back(std::get<rtclab::Event>(std::move(*output)));
    }
  }
  return busy;
}

bool Transport::drain_media(Instant now, std::deque<Output>& outbox) {
  if (!media_) return false;
  bool busy = false;
  media_->set_path(now, media_agreed_ && may_send());
  // A frame may be due at the very instant at which something else has happened.
  auto& session = media_->session();
  if (const auto due = session.next_wakeup(); due && due->at <= now) session.handle_timeout(now);
  while (const auto datagram = media_->poll_datagram()) {
    transmit(now, *datagram);
    busy = true;
  }
  while (auto event = media_->poll_trace()) outbox.emplace_back(std::move(*event));
  return busy;
}

// The newest session that can carry it. What cannot leave is lost as if the network had lost it:
// DTLS repeats its flights, SCTP its data, and RTP what it is asked for.
void Transport::transmit(Instant now, const Bytes& datagram) {
  for (auto session = sessions_.rbegin(); session != sessions_.rend(); ++session) {
    if (!ice_->send(now, session->stream, datagram)) continue;
    ++counters_.packets_sent;
    counters_.bytes_sent += datagram.size();
    return;
  }
}

// --- media ---

void Transport::configure_media(Instant now, const media::Configuration& configuration,
                                MediaStage stage, Rng& rng) {
  media_agreed_ |= stage == MediaStage::Agreed;
  if (!media_) {
    media_.emplace(media::SessionOptions{.deviations = setup_.deviations,
                                         .max_packet = setup_.mtu - kSrtpRoom},
                   rng);
    give_keys();
  }
  media_->session().configure(now, configuration);
}

// RFC 5764 §4.2: as soon as the handshake is over and the peer is who it should be.
void Transport::give_keys() {
  if (!media_ || !association_) return;
  const auto profile = srtp::parse_profile(association_->srtp_profile);
  if (!profile) return;
  media_->set_keys(
      *profile, *role_ == dtls::Role::Client ? srtp::DtlsRole::Client : srtp::DtlsRole::Server,
      dtls_->export_keying_material(srtp::kExporterLabel, srtp::keying_material_size(*profile)));
}

std::optional<dtls::Event> Transport::poll_event(Instant now) {
  if (!dtls_) return std::nullopt;
  auto event = dtls_->poll_event();
  if (!event) return event;
  if (const auto* connected = std::get_if<dtls::Connected>(&*event)) {
    association_ = *connected;
    give_keys();
  }
  const bool is_over =
      std::holds_alternative<dtls::Closed>(*event) || std::holds_alternative<dtls::Failed>(*event);
  // RFC 5764 §3: the keys are the association's, and go with it.
  if (is_over && media_) media_->drop_keys(now);
  return event;
}

std::optional<Wakeup> Transport::next_wakeup() const {
  if (closed_) return std::nullopt;
  const auto others = next_wakeup_but_media();
  return media_ ? Wakeup::earliest(others, media_->session().next_wakeup()) : others;
}

std::optional<Wakeup> Transport::next_wakeup_but_media() const {
  if (closed_) return std::nullopt;
  std::optional<Wakeup> wakeup;
  if (dtls_) wakeup = dtls_->next_wakeup();
  if (retire_at_) wakeup = Wakeup::earliest(wakeup, Wakeup{*retire_at_, "peer: old ICE session"});
  return wakeup;
}

}  // namespace rtclab::peer
