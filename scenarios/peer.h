// The peers of a scenario and how they are configured.
#pragma once

#include "agents/base/deviation.h"
#include "agents/peer/configuration.h"
#include "agents/peer/ice_server_url.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::scenario {

// An RTCIceServer: "turn:turn?transport=tcp". The host of its URL is a machine of the topology,
// whose ports stand in for the URL's.
struct IceServer {
  peer::IceServerUrl url;
  std::string username{};    // TURN only
  std::string credential{};  // TURN only

  [[nodiscard]] const std::string& machine() const { return url.host; }
};

// What setConfiguration can change of it, and what it was made with.
struct PeerConfiguration {
  peer::IceTransportPolicy ice_transport_policy = peer::IceTransportPolicy::All;
  peer::BundlePolicy bundle_policy = peer::BundlePolicy::Balanced;
  std::vector<IceServer> ice_servers{};
};

struct Peer {
  std::string name;
  std::string machine;
  PeerConfiguration configuration{};
  // Candidates are signalled as they are found, or only inside the description.
  bool trickle = true;
  // What no browser's configuration has, but ICE agents do.
  bool ice_lite = false;
  ice::TcpCandidates tcp_candidates{};
  Duration keepalive = ice::kLeastKeepalive;  // RFC 8445 §11: Tr
  Duration patience = ice::kLeastPatience;    // RFC 8863 §4: no failure before this
  bool mdns = false;                          // names stand in for host addresses
  bool continual_gathering = false;           // interfaces that come later are gathered too
  bool renomination = false;
  peer::SimulcastReceipt simulcast = peer::SimulcastReceipt::Refuse;
  std::optional<std::uint64_t> receive_bandwidth{};  // bit/s of each RTP section: b=
  // Negotiates by itself (W3C webrtc-pc §10.7), as the polite or the impolite side.
  std::optional<bool> polite{};
  Deviations deviations{};
  std::size_t line = 0;
};

}  // namespace rtclab::scenario
