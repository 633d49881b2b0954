#include "agents/peer/transport.h"

#include "agents/peer/demultiplex.h"

#include <cassert>
#include <utility>

namespace rtclab::peer {
namespace {

// A flight of a peer with a small MTU and its repetition; who floods us gains nothing.
constexpr std::size_t kMostEarlyDatagrams = 16;

// RFC 8842 §4: at least 120 bits of randomness; 20 to 255 of these characters.
constexpr std::string_view kTlsIdChars =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
constexpr std::size_t kTlsIdLength = 32;

}  // namespace

Transport::Transport(Instant now, ice::Agent& ice, TransportSetup setup, Rng& rng)
    : ice_{&ice},
      stream_{ice.add_stream(now)},
      setup_{std::move(setup)},
      rng_{&rng},
      tls_id_{rng.text(kTlsIdLength, kTlsIdChars)} {}

TransportStates Transport::states() const {
  if (closed_) return {ice::State::Closed, dtls::State::Closed};
  return {ice_->state(stream_), dtls_ ? dtls_->state() : dtls::State::New};
}

bool Transport::negotiated(Instant now, const RemoteTransport& remote, dtls::Role role) {
  const bool is_new = !remote_ || remote_->credentials != remote.credentials;
  remote_ = remote;
  role_ = role;
  if (is_new) ice_->set_remote_credentials(now, stream_, remote.credentials);
  if (dtls_) dtls_->set_remote_fingerprints(now, remote.fingerprints);
  begin_dtls(now);
  return is_new;
}

// RFC 8445 §12.1: data may flow on a valid pair before one is nominated.
bool Transport::may_send() const {
  if (setup_.deviations.has(Deviation::DataBeforeConsent)) return !ice_->pairs(stream_).empty();
  const auto state = ice_->state(stream_);
  return state == ice::State::Connected || state == ice::State::Completed;
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
}

void Transport::handle_datagram(Instant now, Bytes datagram) {
  if (closed_ || demultiplex(datagram) != Protocol::Dtls) return;
  if (dtls_) {
    dtls_->handle_datagram(now, datagram);
  } else if (early_.size() < kMostEarlyDatagrams) {
    // The peer's check can succeed, and its ClientHello arrive, before ours has.
    early_.push_back(std::move(datagram));
  }
}

void Transport::handle_timeout(Instant now) {
  if (dtls_) dtls_->handle_timeout(now);
}

void Transport::send(Instant now, ByteView data) {
  assert(dtls_);
  dtls_->send(now, data);
}

void Transport::close(Instant now) {
  closed_ = true;
  if (dtls_) dtls_->close(now);
}

bool Transport::drain(Instant now, std::deque<Output>& outbox) {
  begin_dtls(now);
  bool busy = false;
  while (dtls_) {
    auto output = dtls_->poll_output();
    if (!output) break;
    busy = true;
    if (const auto* datagram = std::get_if<Bytes>(&*output)) {
      // What cannot leave is lost as if the network had lost it: DTLS repeats its flights, SCTP its
      // data.
      static_cast<void>(ice_->send(now, stream_, *datagram));
    } else {
      outbox.emplace_back(std::get<rtclab::Event>(std::move(*output)));
    }
  }
  return busy;
}

std::optional<dtls::Event> Transport::poll_event() {
  if (!dtls_) return std::nullopt;
  return dtls_->poll_event();
}

std::optional<Wakeup> Transport::next_wakeup() const {
  if (!dtls_) return std::nullopt;
  return dtls_->next_wakeup();
}

}  // namespace rtclab::peer
