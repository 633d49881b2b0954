// A candidate: a transport address that a stream may be reached at.
//
// Spec: RFC 8445 §5.1.1 (types and bases), §5.3 (what is told to the peer); RFC 8839 §5.1 (as
// text); RFC 6544 §4.5 (TCP); draft-ietf-mmusic-mdns-ice-candidates §3.1 (names).
#pragma once

#include "agents/base/address.h"
#include "agents/ice/priority.h"

#include <optional>
#include <string>
#include <string_view>

namespace rtclab::ice {

struct Candidate {
  unsigned component = 1;
  Transport transport = Transport::Udp;
  std::optional<TcpType> tcp_type;  // of a TCP candidate, and only there
  CandidateType type = CandidateType::Host;
  // The port of an active TCP candidate is kDiscardPort: each connection has a port of its own.
  Endpoint address;
  // mDNS: "<uuid>.local", which the peer is told in place of the address. Of a remote candidate the
  // address is unspecified until the name is resolved.
  std::string host_name;
  // Where datagrams for this candidate leave from: the host's socket or the relayed address. Known
  // for our own candidates; equal to `address` for those of the peer (RFC 8445 §5.1.1.2).
  Endpoint base;
  std::string foundation;
  Priority priority{0};
  std::optional<Endpoint> related;  // RFC 8839 §5.1: raddr and rport
  std::string url;  // of the server it was learned from ("stun:192.0.2.1:3478"), ours only

  // "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host", as in an SDP attribute without "a=".
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

// RFC 6544 §4.5: the port of active candidates; the mDNS draft §3.1.2.2: of hidden related
// addresses.
inline constexpr Port kDiscardPort{9};

[[nodiscard]] std::string_view to_string(CandidateType type);  // "host", "srflx", "prflx", "relay"
[[nodiscard]] std::optional<CandidateType> parse_candidate_type(std::string_view token);
[[nodiscard]] std::string_view to_string(TcpType type);  // "active", "passive", "so"
[[nodiscard]] std::optional<TcpType> parse_tcp_type(std::string_view token);

}  // namespace rtclab::ice
