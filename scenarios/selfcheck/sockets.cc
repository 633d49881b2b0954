#include "scenarios/selfcheck/sockets.h"

#include "sim/link/simulation.h"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <variant>

namespace rtclab::selfcheck {
namespace {

template <class T>
T or_throw(tl::expected<T, std::string> made) {
  if (!made) throw std::logic_error{made.error()};
  return *std::move(made);
}

sim::TcpHandlers handlers_of(std::shared_ptr<TcpConnection> connection) {
  return {.connected = [connection] { connection->open = true; },
          .received =
              [connection](ByteView octets) {
                connection->received.insert(connection->received.end(), octets.begin(),
                                            octets.end());
              },
          .finished = {},
          .closed =
              [connection](std::string_view why) {
                connection->closed = sim::Simulation::now();
                connection->why = why;
              }};
}

}  // namespace

UdpEnd::UdpEnd(sim::Host& host, const Endpoint& local) : host_{host} {
  local_ = or_throw(host.udp().bind(local, [this](const Input& input) {
    if (const auto* const received = std::get_if<Received>(&input))
      heard_.push_back(received->path.remote);
    if (std::holds_alternative<Unreachable>(input)) refused_ = true;
  }));
}

UdpEnd::~UdpEnd() {
  host_.udp().close(local_);
}

void UdpEnd::send(const Endpoint& to) {
  host_.udp().send({Transport::Udp, local_, to}, as_octets("rtclab self-check"));
}

bool UdpEnd::has_heard(const Endpoint& from) const {
  return std::ranges::find(heard_, from) != heard_.end();
}

TcpEnd::~TcpEnd() {
  for (const auto& local : listening_) host_.tcp().stop_listening(local);
  for (const auto& connection : *accepted_) drop(*connection);
  for (const auto& connection : made_) drop(*connection);
}

Endpoint TcpEnd::listen(const Endpoint& local) {
  const auto greet = [accepted = accepted_](tcp::ConnectionId id, const Path& path) {
    auto connection = std::make_shared<TcpConnection>(TcpConnection{
        .id = id, .path = path, .open = true, .closed = {}, .why = {}, .received = {}});
    accepted->push_back(connection);
    return handlers_of(connection);
  };
  listening_.push_back(or_throw(host_.tcp().listen(local, greet)));
  return listening_.back();
}

std::shared_ptr<TcpConnection> TcpEnd::connect(const Endpoint& local, const Endpoint& remote) {
  auto connection = std::make_shared<TcpConnection>();
  connection->id =
      or_throw(host_.tcp().connect(local, remote, [&](tcp::ConnectionId, const Path& path) {
        connection->path = path;
        return handlers_of(connection);
      }));
  made_.push_back(connection);
  return connection;
}

void TcpEnd::send(const TcpConnection& connection, ByteView octets) {
  if (connection.open && !connection.closed) host_.tcp().send(connection.id, octets);
}

void TcpEnd::drop(TcpConnection& connection) {
  if (connection.closed) return;
  connection.closed = sim::Simulation::now();
  host_.tcp().drop(connection.id);
}

}  // namespace rtclab::selfcheck
