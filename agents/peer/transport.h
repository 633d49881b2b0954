// The transport of a BUNDLE group, or of a section that is not bundled: ICE sessions with one DTLS
// association on them. RTCIceTransport and RTCDtlsTransport of W3C webrtc-pc §5.5 and §5.6 in one,
// because rtcp-mux leaves one of each.
//
// Spec: RFC 8842 (roles, when DTLS begins, when an association is new), RFC 8445 §9 and §12 (data
// on valid pairs, restarts), RFC 9429 §5.7 and §5.11, RFC 7983 (demultiplexing). Each ICE session,
// which is what a pair of user name fragments names, is a stream of its own in the ICE agent: so
// the old one carries data until the new one can, and a restart that is rolled back leaves no
// trace. The ICE agent is shared with other transports and drained by the owner, which hands on
// what concerns this one.
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/strong.h"
#include "agents/dtls/endpoint.h"
#include "agents/ice/agent.h"
#include "agents/peer/connection_state.h"
#include "agents/peer/media_path.h"
#include "agents/peer/remote_session.h"
#include "agents/peer/transport_id.h"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::peer {

struct TransportSetup {
  dtls::Certificate certificate;
  std::size_t mtu;
  Deviations deviations;
};

// Offered: what was agreed goes on, and what the peer may send by our offer is received; a
// transport that carried no media yet sends none, nor RTCP.
enum class MediaStage : std::uint8_t { Offered, Agreed };

struct IceSession {
  ice::StreamId stream;
  std::optional<ice::Credentials> remote{};
  bool provisional = true;           // begun by a description that can still be rolled back
  bool local_ended = false;          // no more candidates of ours
  bool remote_ended = false;         // … and of the peer
  std::vector<std::string> given{};  // candidates of the peer that ICE has been told
  bool looks_back = false;           // Deviation::IceRestartOldRemote: given those of before
};

// Datagrams other than STUN, and their octets: RTCTransportStats.
struct TransportCounters {
  std::uint64_t packets_sent = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t packets_received = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t selected_pair_changes = 0;
};

class Transport {
 public:
  // Begins a session with `stream`, which it owns from now on. `ice` and `rng` outlive this object.
  Transport(TransportId id, ice::Agent& ice, ice::StreamId stream, std::string tls_id,
            TransportSetup setup, Rng& rng);

  [[nodiscard]] TransportId id() const { return id_; }
  [[nodiscard]] const std::vector<IceSession>& sessions() const { return sessions_; }
  // The one that the latest description speaks of.
  [[nodiscard]] const IceSession& session() const { return sessions_.back(); }
  [[nodiscard]] IceSession* find(ice::StreamId stream);
  [[nodiscard]] IceSession* find_remote(std::string_view ufrag);
  [[nodiscard]] const ice::Credentials& local_credentials() const {
    return ice_->local_credentials(session().stream);
  }
  [[nodiscard]] const std::string& tls_id() const { return tls_id_; }
  [[nodiscard]] TransportStates states() const;
  // Of the session that carries data, else of the latest.
  [[nodiscard]] std::optional<ice::PairInfo> selected_pair() const;
  // Both known once an answer is.
  [[nodiscard]] std::optional<dtls::Role> dtls_role() const { return role_; }
  [[nodiscard]] const std::optional<RemoteTransport>& remote() const { return remote_; }
  // The fingerprint or tls-id is another than that of the association that runs (RFC 8842 §5.5).
  [[nodiscard]] bool is_other_association(const RemoteTransport& remote) const;

  [[nodiscard]] const TransportCounters& counters() const { return counters_; }
  // nullptr until the first call of configure_media().
  [[nodiscard]] MediaPath* media() { return media_ ? &*media_ : nullptr; }
  [[nodiscard]] const MediaPath* media() const { return media_ ? &*media_ : nullptr; }
  [[nodiscard]] const std::optional<dtls::Connected>& association() const { return association_; }

  // --- negotiation ---
  // RFC 8445 §9: the next session, which stays provisional until committed.
  void restart(ice::StreamId stream);
  void rollback(Instant now);
  // Both descriptions are known: from now on ICE checks, and DTLS begins on the first valid pair.
  // True when these are other ICE credentials than before, so that candidates have to be given
  // anew.
  bool negotiated(Instant now, RemoteTransport remote, dtls::Role role);
  // Ends the association that runs, with close_notify, so that negotiated() begins another.
  void end_association(Instant now, std::string new_tls_id, std::deque<Output>& outbox);

  // The sections for audio and video that this transport carries. `rng` seeds RTP with the first
  // call.
  void configure_media(Instant now, const media::Configuration& configuration, MediaStage stage,
                       Rng& rng);

  // --- what happens ---
  void note_ice_state(Instant now);
  void note_selected_pair(Instant now);
  void handle_datagram(Instant now, ByteView datagram);
  void handle_timeout(Instant now);
  // Precondition: states().dtls is Connected.
  void send(Instant now, ByteView data);
  // The sessions stay in the ICE agent, whose owner removes or closes them.
  void close(Instant now, std::deque<Output>& outbox);
  // Hands what DTLS and SRTP have for the peer to ICE and adds the rest to `outbox`. True when
  // there was anything, so that ICE has to be drained once more.
  bool drain(Instant now, std::deque<Output>& outbox);
  [[nodiscard]] std::optional<dtls::Event> poll_event(Instant now);
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;
  [[nodiscard]] std::optional<Wakeup> next_wakeup_but_media() const;

 private:
  [[nodiscard]] bool may_send() const;
  void transmit(Instant now, const Bytes& datagram);
  bool drain_dtls(Instant now, std::deque<Output>& outbox);
  bool drain_media(Instant now, std::deque<Output>& outbox);
  void give_keys();
  [[nodiscard]] ice::State ice_state() const;
  void begin_dtls(Instant now);
  void retire_old_sessions(Instant now);
  void look_back(Instant now);

  TransportId id_;
  ice::Agent* ice_;
  TransportSetup setup_;
  Rng* rng_;
  std::string tls_id_;
  std::vector<IceSession> sessions_;  // never empty; the oldest first
  std::optional<Instant> retire_at_;  // when sessions that a newer one has replaced go
  std::optional<RemoteTransport> remote_;
  std::optional<dtls::Role> role_;
  std::optional<dtls::Endpoint> dtls_;
  std::optional<dtls::Connected> association_;  // what the handshake agreed on
  std::optional<MediaPath> media_;
  bool media_agreed_ = false;
  TransportCounters counters_;
  bool closed_ = false;
  std::deque<Bytes> early_;  // DTLS that came before we may answer it
};

// RFC 8842 §4: at least 120 bits of randomness.
[[nodiscard]] std::string draw_tls_id(Rng& rng);

}  // namespace rtclab::peer
