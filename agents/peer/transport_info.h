// RTCIceTransport, RTCDtlsTransport and, of the one that carries data channels, RTCSctpTransport:
// as the application sees them.
//
// Spec: W3C webrtc-pc §5.5, §5.6, §6.1.
#pragma once

#include "agents/dtls/event.h"
#include "agents/ice/candidate.h"
#include "agents/ice/credentials.h"
#include "agents/ice/state.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::peer {

struct TransportInfo {
  std::vector<std::string> mids;      // of the sections that use it
  std::optional<ice::Role> ice_role;  // nullopt: unknown
  ice::State ice_state = ice::State::New;
  ice::GatheringState gathering_state = ice::GatheringState::New;
  ice::Credentials local_parameters;
  std::optional<ice::Credentials> remote_parameters;
  std::optional<std::pair<ice::Candidate, ice::Candidate>> selected_pair;  // local, remote
  dtls::State dtls_state = dtls::State::New;
  std::string_view dtls_role;                  // "client", "server", "unknown"
  std::optional<std::string_view> sctp_state;  // "connecting", "connected", "closed"
};

}  // namespace rtclab::peer
