// The transport of a BUNDLE group: an ICE stream with a DTLS association on it. RTCIceTransport and
// RTCDtlsTransport of W3C webrtc-pc §5.5 and §5.6 in one, because rtcp-mux leaves one of each.
//
// Spec: RFC 8842 (roles, when DTLS begins), RFC 8445 §12 (data on valid pairs), RFC 7983
// (demultiplexing). The ICE agent is shared with other transports and drained by the owner, which
// hands on what concerns this one.
#pragma once

#include "agents/base/deviation.h"
#include "agents/dtls/endpoint.h"
#include "agents/ice/agent.h"
#include "agents/peer/connection_state.h"
#include "agents/peer/remote_session.h"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::peer {

struct TransportSetup {
  dtls::Certificate certificate;
  std::size_t mtu;
  Deviations deviations;
};

class Transport {
 public:
  // Adds a stream to `ice`. `ice` and `rng` outlive this object.
  Transport(Instant now, ice::Agent& ice, TransportSetup setup, Rng& rng);

  [[nodiscard]] ice::StreamId stream() const { return stream_; }
  [[nodiscard]] const ice::Credentials& local_credentials() const {
    return ice_->local_credentials(stream_);
  }
  [[nodiscard]] const std::string& tls_id() const { return tls_id_; }
  [[nodiscard]] TransportStates states() const;
  // Known once the answer is.
  [[nodiscard]] std::optional<dtls::Role> dtls_role() const { return role_; }
  // Of the generation of candidates that ICE has been given.
  [[nodiscard]] std::string remote_ufrag() const {
    return remote_ ? remote_->credentials.ufrag : std::string{};
  }

  // Both descriptions are known: from now on ICE checks, and DTLS begins on the first valid pair.
  // True when these are other ICE credentials than before, so that candidates have to be given
  // anew.
  bool negotiated(Instant now, const RemoteTransport& remote, dtls::Role role);
  void note_ice_state(Instant now);
  void handle_datagram(Instant now, Bytes datagram);
  void handle_timeout(Instant now);
  // Precondition: states().dtls is Connected.
  void send(Instant now, ByteView data);
  void close(Instant now);

  // Hands what DTLS has for the peer to ICE and adds the rest to `outbox`. True when there was
  // anything, so that ICE has to be drained once more.
  bool drain(Instant now, std::deque<Output>& outbox);
  [[nodiscard]] std::optional<dtls::Event> poll_event();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;

 private:
  [[nodiscard]] bool may_send() const;
  void begin_dtls(Instant now);

  ice::Agent* ice_;
  ice::StreamId stream_;
  TransportSetup setup_;
  Rng* rng_;
  std::string tls_id_;
  std::optional<RemoteTransport> remote_;
  std::optional<dtls::Role> role_;
  std::optional<dtls::Endpoint> dtls_;
  bool closed_ = false;
  std::deque<Bytes> early_;  // DTLS that came before we may answer it
};

}  // namespace rtclab::peer
