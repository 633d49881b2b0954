// What an agent may be told to do, and what its peer says it can do.
//
// Spec: RFC 8445 §2.5 (lite), §5.1.1.4 and RFC 8838 §16 (interfaces that come and go); RFC 6544
// §4.1; RFC 8863 §4 (patience); draft-ietf-mmusic-mdns-ice-candidates;
// draft-thatcher-ice-renomination §3.
#pragma once

#include "agents/base/address.h"
#include "agents/base/deviation.h"
#include "agents/base/time.h"
#include "agents/tls/trust.h"
#include "agents/turn/server_transport.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace rtclab::ice {

struct TurnServer {
  Endpoint server;
  std::string username;
  std::string password;
  turn::ServerTransport transport = turn::ServerTransport::Udp;
  std::string host = {};  // the name that a TLS certificate has to prove; empty: the address
};

// RFC 8445 §11: SHOULD be 15 s, MUST NOT be less. §5.1.1.4 gives no period of its own for the
// bindings at servers.
inline constexpr Duration kLeastKeepalive = std::chrono::seconds{15};
// RFC 8863 §4: no failure before a check with all its resends is over (RFC 8489 §6.2.1). It also
// stands in for an end-of-candidates that never comes, as RFC 8863 §5 allows.
inline constexpr Duration kLeastPatience = std::chrono::milliseconds{39500};

enum class CandidatePolicy : std::uint8_t { All, Relay };

// RFC 8445 §2.5: a lite agent only answers checks; it has a public address.
enum class Level : std::uint8_t { Full, Lite };

// Continually: there is no end of candidates. Addresses that come later are gathered too, other
// pairs are kept fresh beside the nominated one, and a better one is nominated when it comes.
// Deviation from RFC 8445 §8.1.1, which asks for a restart before another nomination, for peers
// that do not know renomination; both sides then use the best of the nominated pairs, as that
// section has it for peers of RFC 5245.
enum class GatheringPolicy : std::uint8_t { Once, Continually };

// Which TCP candidates are gathered. Browsers offer active ones: they connect to servers that have
// a passive one.
struct TcpCandidates {
  bool active = false;
  bool passive = false;
  bool so = false;
  bool relayed = false;  // RFC 6062, at servers that are reached over TCP or TLS
  friend bool operator==(const TcpCandidates&, const TcpCandidates&) = default;
};

struct Configuration {
  std::vector<Endpoint> stun_servers;
  std::vector<TurnServer> turn_servers;  // asked for a mapped address too
  CandidatePolicy policy = CandidatePolicy::All;
  Duration ta = std::chrono::milliseconds{50};  // RFC 8445 §14.2; never below 5 ms
  std::size_t max_pairs = 100;                  // RFC 8445 §6.1.2.5: over all check lists
  // Tr, the pause between keepalives; longer where the NATs' lifetimes are known to be.
  Duration keepalive = kLeastKeepalive;
  Duration patience = kLeastPatience;  // longer where signalling takes its time
  TcpCandidates tcp = {};
  Level level = Level::Full;
  GatheringPolicy gathering = GatheringPolicy::Once;
  bool hides_host_addresses = false;  // mDNS names stand in for them
  bool renomination = false;          // used when the peer says the same (RemoteOptions)
  tls::Trust trust = {};              // in TURN servers that are reached over TLS
  Deviations deviations = {};
};

// What the peer's description says: a=ice-lite, and "renomination" among its ice-options.
struct RemoteOptions {
  Level level = Level::Full;
  bool renomination = false;
  friend bool operator==(const RemoteOptions&, const RemoteOptions&) = default;
};

}  // namespace rtclab::ice
