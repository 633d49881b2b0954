// ICE as the application steers it: W3C webrtc-pc §4.4.2 (restartIce, setConfiguration) and
// §4.4.1.6 (set the configuration), RFC 9429 §4.1.18.
#include "agents/peer/conductor.h"
#include "agents/peer/ice_configuration.h"

#include <algorithm>
#include <utility>

namespace rtclab::peer {
namespace {

bool have_same_certificates(const Configuration& a, const Configuration& b) {
  return std::ranges::equal(a.certificates, b.certificates, [](const auto& x, const auto& y) {
    return x.fingerprint() == y.fingerprint();
  });
}

}  // namespace

void PeerConnection::Impl::restart_ice(Instant now) {
  now_ = now;
  trace_call("restartIce");
  if (closed_) return;
  to_replace_.clear();
  for (const auto& transport : transports_.all()) {
    for (const auto& session : transport.sessions())
      to_replace_.push_back(ice_.local_credentials(session.stream));
  }
  ++revision_;
  update_negotiation_needed();
}

Outcome<void> PeerConnection::Impl::set_configuration(Instant now, const Configuration& wanted) {
  now_ = now;
  trace_call("setConfiguration");
  if (closed_) return reject(Error::invalid_state("the connection is closed"));
  if (!have_same_certificates(wanted, configuration_))
    return reject(Error::invalid_modification("the certificates cannot change"));
  if (wanted.bundle_policy != configuration_.bundle_policy)
    return reject(Error::invalid_modification("bundlePolicy cannot change"));
  if (wanted.rtcp_mux_policy != configuration_.rtcp_mux_policy)
    return reject(Error::invalid_modification("rtcpMuxPolicy cannot change"));
  const bool resizes = wanted.ice_candidate_pool_size != configuration_.ice_candidate_pool_size;
  if (resizes && has_set_local_) {
    return reject(Error::invalid_modification(
        "iceCandidatePoolSize cannot change once a local description was set"));
  }
  for (const auto& server : wanted.ice_servers) {
    if (server.kind == IceServerKind::Turn &&
        (server.username.empty() || server.credential.empty()))
      return reject(Error::invalid_access("a TURN server needs a username and a credential"));
  }

  const bool other_servers = wanted.ice_servers != configuration_.ice_servers;
  const bool other_policy = wanted.ice_transport_policy != configuration_.ice_transport_policy;
  configuration_.ice_servers = wanted.ice_servers;
  configuration_.ice_transport_policy = wanted.ice_transport_policy;
  configuration_.ice_candidate_pool_size = wanted.ice_candidate_pool_size;
  auto ice = ice_configuration(configuration_);
  ice_.set_servers(std::move(ice.stun_servers), std::move(ice.turn_servers));
  ice_.set_policy(ice.policy);
  if (other_servers || other_policy) {
    // RFC 9429 §4.1.18: what has been gathered for stays; the next offer restarts.
    for (const auto& transport : transports_.all())
      outdated_.push_back(transport.local_credentials());
    if (!transports_.all().empty()) ++revision_;
  }
  if (!has_set_local_) {
    if (other_servers) pool_.resize(now, 0);
    pool_.resize(now, configuration_.ice_candidate_pool_size);
    pump(now);
  }
  return {};
}

}  // namespace rtclab::peer
