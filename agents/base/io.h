// The shape every agent has. Nothing here, or below it, opens a socket.
//
// Contract, for the driver:
//   1. After each handle_*() call, and after each call of the agent's own interface,
//      poll_output() until it returns nullopt.
//   2. `now` never goes back.
//   3. Waking early is harmless; waking late costs quality, not correctness.
//   4. Once drained, next_wakeup() is nullopt or later than `now`: no busy loop.
//   5. Each OpenSocket is answered, after the drain that produced it, by SocketOpened or
//      SocketFailed with the same request number.
//   6. A TCP stream is named by its Path. OpenStream ends in StreamOpened (the three-way handshake
//      is done; the path has the real local port) or SocketFailed, both with its request number; a
//      listening socket brings StreamOpened without one. From then on Transmit and Received carry
//      the stream's octets, cut anywhere, until StreamClosed; an agent that has asked for
//      CloseStream hears no more of that stream.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/event.h"
#include "agents/base/time.h"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace rtclab {

// A datagram that arrived at the socket path.local from path.remote, or the next octets of that TCP
// stream. Borrowed for the call only.
struct Received {
  Path path;
  ByteView bytes;
};
// The socket asked for exists; `local` has the real port.
struct SocketOpened {
  std::uint32_t request;
  Endpoint local;
};
struct SocketFailed {
  std::uint32_t request;
  std::string why;
};
// A TCP connection stands: one that was asked for, or one that a listening socket accepted.
struct StreamOpened {
  std::optional<std::uint32_t> request;  // nullopt: accepted
  Path path;
};
// The peer closed or reset the stream, or the network gave it up: nothing more comes or leaves.
struct StreamClosed {
  Path path;
  std::string why;
};
// The network answered a datagram sent on `path` with an ICMP "unreachable".
struct Unreachable {
  Path path;
};
// The machine has this address, from now on or no longer. A driver announces all addresses before
// anything else.
struct InterfaceUp {
  std::string name;  // "eth0"
  Ip address;
};
struct InterfaceDown {
  std::string name;
  Ip address;
};
using Input = std::variant<Received, SocketOpened, SocketFailed, StreamOpened, StreamClosed,
                           Unreachable, InterfaceUp, InterfaceDown>;

struct Transmit {
  Path path;
  Bytes bytes;
};
// Asks for a socket bound to `local`; port 0 lets the machine choose. A TCP socket listens.
struct OpenSocket {
  std::uint32_t request;
  Transport transport = Transport::Udp;
  Endpoint local;
  // UDP only: the socket also gets what is sent to this multicast group on the interface of
  // `local`, and shares its port with others (mDNS, RFC 6762 §15). Received then still names
  // `local`.
  std::optional<Ip> group;
};
// Connects from `local` to `remote`; port 0 lets the machine choose. The port may be one that
// listens, or that streams to other peers have: simultaneous open (RFC 6544 §7.1) needs the first.
struct OpenStream {
  std::uint32_t request;
  Endpoint local;
  Endpoint remote;
};
// Closes a TCP stream once what was transmitted has left (FIN), or gives up one that is opening:
// then `path` has the local endpoint that was asked for.
struct CloseStream {
  Path path;
};
struct CloseSocket {
  Transport transport = Transport::Udp;
  Endpoint local;
};
using Output = std::variant<Transmit, OpenSocket, CloseSocket, OpenStream, CloseStream, Event>;

struct Wakeup {
  Instant at;
  std::string_view reason;  // "ice: keepalive", for the reader of a run that does not end

  // The earlier of two optional wakeups; the first when they are equal.
  [[nodiscard]] static std::optional<Wakeup> earliest(const std::optional<Wakeup>& a,
                                                      const std::optional<Wakeup>& b) {
    if (!a) return b;
    if (!b) return a;
    return b->at < a->at ? b : a;
  }
};

template <class A>
concept Agent = requires(A agent, Instant now, const Input& input) {
  agent.handle_input(now, input);
  agent.handle_timeout(now);
  { agent.poll_output() } -> std::same_as<std::optional<Output>>;
  { agent.next_wakeup() } -> std::same_as<std::optional<Wakeup>>;
};

}  // namespace rtclab
