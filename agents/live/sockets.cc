#include "agents/live/sockets.h"

#include "agents/live/tcp_listener.h"
#include "agents/live/tcp_stream.h"
#include "agents/live/udp_socket.h"

#include <algorithm>
#include <utility>

namespace rtclab::live {

Sockets::Sockets(boost::asio::io_context& context, AtInstant at, Tap* tap, OnInput on_input)
    : context_{context}, at_{std::move(at)}, tap_{tap}, on_input_{std::move(on_input)} {}

Sockets::~Sockets() {
  for (const auto& [local, socket] : udp_) socket->close();
  for (const auto& [local, listener] : listeners_) listener->close();
  for (const auto& [path, stream] : streams_) stream->close();
  for (const auto& opening : opening_) opening.stream->close();
}

template <class... Arguments>
void Sockets::tell(void (Tap::*what)(Instant, Direction, Arguments...), Direction direction,
                   const Path& path, auto&&... rest) {
  if (tap_ != nullptr) (tap_->*what)(at_(), direction, path, rest...);
}

std::optional<Input> Sockets::act(const Transmit& transmit) {
  const auto& path = transmit.path;
  if (path.transport == Transport::Tcp) {
    const auto stream = streams_.find(path);
    if (stream == streams_.end()) return std::nullopt;  // it closed meanwhile; StreamClosed is out
    tell(&Tap::stream_octets, Direction::Out, path, transmit.bytes);
    stream->second->send(transmit.bytes);
    return std::nullopt;
  }
  const auto socket = udp_.find(path.local);
  if (socket == udp_.end()) return std::nullopt;
  const auto sent = socket->second->send(path.remote, transmit.bytes);
  if (sent == Sent::Left)
    tell(&Tap::datagram, Direction::Out, path, path.remote.ip, transmit.bytes);
  if (sent == Sent::Unreachable) return Unreachable{path};
  return std::nullopt;
}

std::optional<Input> Sockets::act(const OpenSocket& open) {
  return open.transport == Transport::Udp ? open_udp(open) : listen(open);
}

Input Sockets::open_udp(const OpenSocket& open) {
  // The hooks need the address that is known only when the socket is open.
  const auto local = std::make_shared<Endpoint>();
  auto socket =
      UdpSocket::open(context_, open,
                      {.received =
                           [this, local](const Endpoint& from, const Ip& to, ByteView octets) {
                             // A group's datagrams come back to their sender; the agent knows what
                             // it said.
                             if (from == *local) return;
                             const Path path{Transport::Udp, *local, from};
                             tell(&Tap::datagram, Direction::In, path, to, octets);
                             on_input_(Received{path, octets});
                           },
                       .unreachable =
                           [this, local](const Endpoint& destination) {
                             on_input_(Unreachable{{Transport::Udp, *local, destination}});
                           }});
  if (!socket) return SocketFailed{open.request, socket.error()};
  *local = (*socket)->local();
  udp_.insert_or_assign(*local, *std::move(socket));
  return SocketOpened{open.request, *local};
}

Input Sockets::listen(const OpenSocket& open) {
  auto listener = TcpListener::open(context_, open.local,
                                    [this](const auto& stream) { note_accepted(stream); });
  if (!listener) return SocketFailed{open.request, listener.error()};
  const auto local = (*listener)->local();
  listeners_.insert_or_assign(local, *std::move(listener));
  return SocketOpened{open.request, local};
}

std::optional<Input> Sockets::act(const OpenStream& open) {
  auto stream = std::make_shared<TcpStream>(context_);
  opening_.push_back({open.request, {Transport::Tcp, open.local, open.remote}, stream});
  stream->connect(open.local, open.remote,
                  {.opened = [this, request = open.request] { note_connected(request); },
                   .failed = [this, request = open.request](
                                 const std::string& why) { note_not_connected(request, why); }});
  return std::nullopt;
}

void Sockets::note_connected(std::uint32_t request) {
  const auto opening = std::ranges::find(opening_, request, &Opening::request);
  if (opening == opening_.end()) return;
  const auto stream = opening->stream;
  const Path path{Transport::Tcp, stream->local(), opening->asked.remote};
  opening_.erase(opening);
  streams_.insert_or_assign(path, stream);
  tell(&Tap::stream_opened, Direction::Out, path);
  begin(path, stream);
  on_input_(StreamOpened{request, path});
}

void Sockets::note_not_connected(std::uint32_t request, const std::string& why) {
  if (std::erase_if(opening_, [&](const Opening& each) { return each.request == request; }) == 0)
    return;
  on_input_(SocketFailed{request, why});
}

void Sockets::note_accepted(const std::shared_ptr<TcpStream>& stream) {
  const Path path{Transport::Tcp, stream->local(), stream->remote()};
  if (path.remote.port.value() == 0) return;  // reset before we came to it
  streams_.insert_or_assign(path, stream);
  tell(&Tap::stream_opened, Direction::In, path);
  begin(path, stream);
  on_input_(StreamOpened{std::nullopt, path});
}

void Sockets::begin(const Path& path, const std::shared_ptr<TcpStream>& stream) {
  stream->begin({.received = [this, path](ByteView octets) { note_octets(path, octets); },
                 .closed = [this, path](const std::string& why) { note_closed(path, why); }});
}

void Sockets::note_octets(const Path& path, ByteView octets) {
  tell(&Tap::stream_octets, Direction::In, path, octets);
  on_input_(Received{path, octets});
}

void Sockets::note_closed(const Path& path, const std::string& why) {
  if (streams_.erase(path) == 0) return;
  tell(&Tap::stream_closed, Direction::In, path);
  on_input_(StreamClosed{path, why});
}

std::optional<Input> Sockets::act(const CloseSocket& close) {
  if (close.transport == Transport::Udp) {
    if (const auto socket = udp_.extract(close.local)) socket.mapped()->close();
  } else if (const auto listener = listeners_.extract(close.local)) {
    listener.mapped()->close();
  }
  return std::nullopt;
}

std::optional<Input> Sockets::act(const CloseStream& close) {
  if (const auto stream = streams_.extract(close.path)) {
    tell(&Tap::stream_closed, Direction::Out, close.path);
    stream.mapped()->close();
    return std::nullopt;
  }
  const auto opening = std::ranges::find(opening_, close.path, &Opening::asked);
  if (opening == opening_.end()) return std::nullopt;
  opening->stream->close();
  opening_.erase(opening);
  return std::nullopt;
}

}  // namespace rtclab::live
