// The part of a peer's configuration that is the ICE agent's.
#pragma once

#include "agents/ice/agent.h"
#include "agents/peer/configuration.h"

namespace rtclab::peer {

[[nodiscard]] inline ice::CandidatePolicy to_ice(IceTransportPolicy policy) {
  return policy == IceTransportPolicy::Relay ? ice::CandidatePolicy::Relay
                                             : ice::CandidatePolicy::All;
}

[[nodiscard]] inline ice::Configuration ice_configuration(const Configuration& configuration) {
  ice::Configuration ice;
  for (const auto& server : configuration.ice_servers) {
    if (server.kind == IceServerKind::Stun) {
      ice.stun_servers.push_back(server.server);
    } else {
      ice.turn_servers.push_back({.server = server.server,
                                  .username = server.username,
                                  .password = server.credential,
                                  .transport = server.transport,
                                  .host = server.host});
    }
  }
  ice.policy = to_ice(configuration.ice_transport_policy);
  ice.trust = configuration.trust;
  ice.level = configuration.ice_lite ? ice::Level::Lite : ice::Level::Full;
  ice.tcp = configuration.ice_tcp;
  ice.keepalive = configuration.ice_keepalive;
  ice.patience = configuration.ice_patience;
  ice.gathering = configuration.gathering;
  ice.hides_host_addresses = configuration.hides_host_addresses;
  ice.renomination = configuration.renomination;
  ice.deviations = configuration.deviations;
  return ice;
}

}  // namespace rtclab::peer
