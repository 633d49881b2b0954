#include "sim/host/tcp_sockets.h"

#include "sim/host/dynamic_port.h"
#include "sim/host/host.h"
#include "sim/link/simulation.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace rtclab::sim {

TcpSockets::TcpSockets(Host& host, SeededRng rng)
    : host_{host}, rng_{rng}, stack_{tcp::Options{}, rng_}, timer_{[this] {
        stack_.handle_timeout(Simulation::now());
        settle();
      }} {}

// RFC 9293 §3.7.1: less the fixed headers of TCP and IPv4.
void TcpSockets::note_mtu(std::size_t mtu) {
  constexpr std::size_t kHeaders = 40;
  stack_.limit_mss(
      static_cast<std::uint16_t>(std::clamp<std::size_t>(mtu, kHeaders + 64, 0xffff) - kHeaders));
}

std::optional<Port> TcpSockets::free_port(const Ip& ip) {
  return choose_dynamic_port(rng_, [&](Port port) { return !stack_.uses_port({ip, port}); });
}

tl::expected<Endpoint, std::string> TcpSockets::listen(Endpoint local, Greet accept) {
  if (!local.ip.is_unspecified() && !host_.has_address(local.ip)) {
    return tl::make_unexpected(host_.name() + " has no address " + local.ip.to_string());
  }
  if (local.port == Port{0}) {
    const auto port = free_port(local.ip);
    if (!port) return tl::make_unexpected(host_.name() + " has no free TCP port");
    local.port = *port;
  }
  if (!stack_.listen(local)) {
    return tl::make_unexpected("TCP " + local.to_string() + " is in use on " + host_.name());
  }
  listeners_[local] = std::make_shared<const Greet>(std::move(accept));
  return local;
}

void TcpSockets::stop_listening(const Endpoint& local) {
  stack_.stop_listening(local);
  listeners_.erase(local);
}

tl::expected<tcp::ConnectionId, std::string> TcpSockets::connect(Endpoint local,
                                                                 const Endpoint& remote,
                                                                 const Greet& greet) {
  if (!host_.has_address(local.ip)) {
    return tl::make_unexpected(host_.name() + " has no address " + local.ip.to_string());
  }
  if (local.ip.family() != remote.ip.family()) {
    return tl::make_unexpected(local.ip.to_string() + " and " + remote.ip.to_string() +
                               " are of different families");
  }
  if (local.port == Port{0}) {
    const auto port = free_port(local.ip);
    if (!port) return tl::make_unexpected(host_.name() + " has no free TCP port");
    local.port = *port;
  }
  const auto id = stack_.connect(Simulation::now(), local, remote);
  if (!id) {
    return tl::make_unexpected(host_.name() + " has a connection from " + local.to_string() +
                               " to " + remote.to_string() + " already");
  }
  handlers_[*id] =
      std::make_shared<const TcpHandlers>(greet(*id, Path{Transport::Tcp, local, remote}));
  settle();
  return *id;
}

void TcpSockets::send(tcp::ConnectionId id, ByteView data) {
  stack_.send(Simulation::now(), id, data);
  settle();
}

void TcpSockets::close(tcp::ConnectionId id) {
  stack_.close(Simulation::now(), id);
  settle();
}

void TcpSockets::drop(tcp::ConnectionId id) {
  handlers_.erase(id);
  stack_.abort(Simulation::now(), id);
  settle();
}

void TcpSockets::receive(const Ip& source, const Ip& destination, ByteView segment) {
  stack_.handle_segment(Simulation::now(), source, destination, segment);
  settle();
}

void TcpSockets::deliver(const Unreachable& unreachable) {
  stack_.handle_refusal(Simulation::now(), unreachable.path);
  settle();
}

void TcpSockets::note_path_mtu(const Path& path, std::size_t mtu) {
  stack_.handle_path_mtu(Simulation::now(), path, mtu);
  settle();
}

// Events first: what a handler sends then carries the acknowledgment of what it got.
void TcpSockets::settle() {
  if (settling_) return;  // the settle() that is under way comes to it
  settling_ = true;
  while (const auto event = stack_.poll_event()) dispatch(*event);
  while (const auto segment = stack_.poll_output()) {
    const auto mtu = host_.path_mtu(segment->source, segment->destination);
    if (segment->octets.size() + (segment->source.is_v4() ? 20 : 40) > mtu && mtu != 0) {
      // The path was known to be narrow before this connection was there: once in fragments.
      ByteReader ports{segment->octets};
      const Endpoint local{segment->source, Port{ports.u16()}};
      const Endpoint remote{segment->destination, Port{ports.u16()}};
      stack_.handle_path_mtu(Simulation::now(), {Transport::Tcp, local, remote}, mtu);
    }
    host_.send(segment->source, segment->destination, ip::Protocol::Tcp, segment->octets);
  }
  settling_ = false;
  const auto wakeup = stack_.next_wakeup();
  timer_.arm(wakeup ? std::optional{wakeup->at} : std::nullopt);
}

void TcpSockets::dispatch(const tcp::StackEvent& event) {
  const auto id = event.connection;
  const bool is_new = event.accepted_by && std::holds_alternative<tcp::Connected>(event.event);
  if (is_new) {
    const auto listener = listeners_.find(*event.accepted_by);
    if (listener == listeners_.end()) return stack_.abort(Simulation::now(), id);
    const auto accept = listener->second;  // it may stop listening
    handlers_[id] = std::make_shared<const TcpHandlers>((*accept)(id, event.path));
    return;
  }
  const auto found = handlers_.find(id);
  if (found == handlers_.end()) return;
  const auto handlers = found->second;  // it may drop the connection
  if (std::holds_alternative<tcp::Connected>(event.event)) {
    if (handlers->connected) handlers->connected();
  } else if (std::holds_alternative<tcp::Readable>(event.event)) {
    const auto octets = stack_.read(Simulation::now(), id, std::numeric_limits<std::size_t>::max());
    if (handlers->received) handlers->received(octets);
  } else if (std::holds_alternative<tcp::Finished>(event.event)) {
    if (handlers->finished) handlers->finished();
  } else if (const auto* ended = std::get_if<tcp::Ended>(&event.event)) {
    handlers_.erase(id);
    if (handlers->closed) handlers->closed(ended->why);
  }
}

}  // namespace rtclab::sim
