// The URLs of STUN and TURN servers: "stun:stun.example.net",
// "turns:[2001:db8::1]:443?transport=tcp".
//
// Spec: RFC 7064 §3 (stun:), RFC 7065 §3 (turn:, turns:), W3C webrtc-pc §4.4.1.6 ("validate an ICE
// server URL"). A pure function: names stay names, whoever has a resolver asks it. Schemes are read
// in any case of letters. What is well-formed but that no agent here speaks (stuns:, and turns:
// over UDP, which is DTLS) is NotSupportedError.
#pragma once

#include "agents/base/address.h"
#include "agents/peer/configuration.h"
#include "agents/peer/error.h"

#include <optional>
#include <string>
#include <string_view>

namespace rtclab::peer {

struct IceServerUrl {
  IceServerKind kind = IceServerKind::Stun;
  turn::ServerTransport transport = turn::ServerTransport::Udp;
  std::string host;             // a name or a literal, without brackets
  std::optional<Ip> address{};  // when `host` is a literal: nothing has to be resolved
  Port port{3478};              // 5349 for turns: where the URL has none

  friend bool operator==(const IceServerUrl&, const IceServerUrl&) = default;
};

// SyntaxError or NotSupportedError otherwise.
[[nodiscard]] Outcome<IceServerUrl> parse_ice_server_url(std::string_view url);

// "turn:192.0.2.1:3478?transport=udp", as RTCIceCandidate.url and the statistics show a server.
[[nodiscard]] std::string to_string(const IceServerUrl& url);

// The server that the URL names, at the address that its host has: what Configuration takes.
[[nodiscard]] IceServer to_ice_server(const IceServerUrl& url, const Ip& address,
                                      std::string username = {}, std::string credential = {});

}  // namespace rtclab::peer
