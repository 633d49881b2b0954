// How a client reaches its TURN server.
//
// Spec: RFC 8656 §3.1 (transports), RFC 7065 §3.1 (as a URI says it). DTLS over UDP is left out: no
// browser offers it, and coturn's users do not miss it.
#pragma once

#include "agents/base/address.h"

#include <cstdint>
#include <string_view>

namespace rtclab::turn {

enum class ServerTransport : std::uint8_t { Udp, Tcp, Tls };

[[nodiscard]] constexpr std::string_view to_string(ServerTransport transport) {
  switch (transport) {
    case ServerTransport::Udp: return "udp";
    case ServerTransport::Tcp: return "tcp";
    case ServerTransport::Tls: return "tls";
  }
  return "";
}

[[nodiscard]] constexpr bool is_stream(ServerTransport transport) {
  return transport != ServerTransport::Udp;
}

// What carries it: TLS runs over TCP.
[[nodiscard]] constexpr Transport carrier(ServerTransport transport) {
  return is_stream(transport) ? Transport::Tcp : Transport::Udp;
}

// RFC 8656 §5: where a server listens unless it says otherwise.
[[nodiscard]] constexpr Port default_port(ServerTransport transport) {
  return transport == ServerTransport::Tls ? Port{5349} : Port{3478};
}

}  // namespace rtclab::turn
