// RTCConfiguration, with what a simulated peer has besides: a calendar and deliberate faults.
//
// Spec: W3C webrtc-pc §4.2.1. Servers are addresses, not URLs: name resolution is the host's
// business.
#pragma once

#include "agents/base/address.h"
#include "agents/base/deviation.h"
#include "agents/base/time.h"
#include "agents/dtls/certificate.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::peer {

enum class IceServerKind : std::uint8_t { Stun, Turn };

struct IceServer {
  IceServerKind kind = IceServerKind::Stun;
  Endpoint server;
  std::string username;    // Turn only
  std::string credential;  // Turn only
};

enum class IceTransportPolicy : std::uint8_t { All, Relay };

struct Configuration {
  std::vector<IceServer> ice_servers;
  IceTransportPolicy ice_transport_policy = IceTransportPolicy::All;
  std::vector<dtls::Certificate> certificates;  // empty: one is generated
  dtls::CalendarTime today = dtls::kEpoch;      // for a generated certificate
  std::size_t mtu = 1200;  // largest datagram of DTLS, without UDP and IP headers
  Deviations deviations;
};

}  // namespace rtclab::peer
