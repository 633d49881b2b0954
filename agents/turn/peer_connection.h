// A TCP connection between a relayed address and a peer, on its way to being joined with one
// between client and server.
//
// Spec: RFC 6062 §5.2 to §5.5.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/time.h"
#include "agents/stun/long_term_server.h"
#include "agents/stun/message.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace rtclab::turn {

// RFC 6062 §5.2: a connection to a peer is given at least 30 s to stand, and one that stands is
// given 30 s to be bound.
inline constexpr Duration kConnectPatience = std::chrono::seconds{30};
inline constexpr Duration kBindPatience = std::chrono::seconds{30};

struct PeerConnection {
  enum class State {
    Connecting,  // for a Connect request, which waits for its answer
    Pending,     // stands; what the peer sends is held until the client binds it
    Bound,       // joined with a stream of the client's
  };
  // The Connect that asked for it; none when the peer came by itself.
  struct Asked {
    stun::Message request;
    stun::LongTermServer::Accepted who;
    std::uint32_t socket_request;  // of our OpenStream
  };

  Path control;  // of the allocation that it belongs to
  Path path;     // from the relayed address to the peer
  State state = State::Connecting;
  Instant deadline{};  // until it is Bound
  std::optional<Asked> asked;
  std::optional<Path> data;  // the client's stream, once bound
  Bytes held;
};

}  // namespace rtclab::turn
