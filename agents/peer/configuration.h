// RTCConfiguration, with what a page cannot choose and a test must: ICE beyond what browsers show,
// a calendar, deliberate faults.
//
// Spec: W3C webrtc-pc §4.2.1, RFC 9429 §4.1.1. Servers are addresses: name resolution is the host's
// business, and ice_server_url.h reads the URLs.
#pragma once

#include "agents/base/address.h"
#include "agents/base/deviation.h"
#include "agents/base/time.h"
#include "agents/dtls/certificate.h"
#include "agents/ice/options.h"
#include "agents/peer/media_capabilities.h"
#include "agents/tls/trust.h"
#include "agents/turn/server_transport.h"

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
  std::string username;                                          // Turn only
  std::string credential;                                        // Turn only
  turn::ServerTransport transport = turn::ServerTransport::Udp;  // Stun: Udp
  std::string host{};  // the name that a TLS certificate must be for; empty: the address

  friend bool operator==(const IceServer&, const IceServer&) = default;
};

enum class IceTransportPolicy : std::uint8_t { All, Relay };

// RFC 9429 §4.1.1: which sections of an offer get transports of their own, for peers that cannot
// bundle. Balanced: the first of each kind; MaxCompat: all; MaxBundle: the first.
enum class BundlePolicy : std::uint8_t { Balanced, MaxCompat, MaxBundle };

// Only what the W3C still has: "negotiate", with a second component for RTCP, is gone from it.
enum class RtcpMuxPolicy : std::uint8_t { Require };

struct Configuration {
  std::vector<IceServer> ice_servers;
  IceTransportPolicy ice_transport_policy = IceTransportPolicy::All;
  BundlePolicy bundle_policy = BundlePolicy::Balanced;
  RtcpMuxPolicy rtcp_mux_policy = RtcpMuxPolicy::Require;
  std::uint8_t ice_candidate_pool_size = 0;
  std::vector<dtls::Certificate> certificates;  // empty: one is generated
  dtls::CalendarTime today = dtls::kEpoch;      // for a generated certificate
  // --- what browsers keep to themselves ---
  tls::Trust trust = {};  // who may vouch for servers that are reached over TLS
  // RFC 8445 §2.5: only host candidates, only answers to checks. No browser offers it; servers do.
  bool ice_lite = false;
  ice::TcpCandidates ice_tcp = {};  // RFC 6544
  Duration ice_keepalive = ice::kLeastKeepalive;  // RFC 8445 §11: Tr
  Duration ice_patience = ice::kLeastPatience;    // RFC 8863 §4
  ice::GatheringPolicy gathering = ice::GatheringPolicy::Once;
  bool hides_host_addresses = false;  // mDNS names stand in for them
  bool renomination = false;          // offered as an ice-option
  // RFC 5576: descriptions name the SSRCs that we send with. RFC 9429 asks for none, and browsers
  // do it all the same: peers older than the MID header extension find a stream by nothing else.
  bool signals_sources = false;
  // What the connection knows of audio and video; a browser's without being told.
  MediaCapabilities audio = default_capabilities(MediaKind::Audio);
  MediaCapabilities video = default_capabilities(MediaKind::Video);
  std::size_t mtu = 1200;  // largest datagram of DTLS, without UDP and IP headers
  Deviations deviations;

  [[nodiscard]] const MediaCapabilities& capabilities(MediaKind kind) const {
    return kind == MediaKind::Audio ? audio : video;
  }
};

}  // namespace rtclab::peer
