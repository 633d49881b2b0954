#include "agents/live/udp_socket.h"

#include "agents/live/asio_address.h"
#include "agents/live/multicast.h"
#include "agents/live/udp_errors.h"

#include <boost/asio/buffer.hpp>

#include <array>
#include <utility>

namespace rtclab::live {

namespace asio = boost::asio;
using asio::ip::udp;

tl::expected<std::shared_ptr<UdpSocket>, std::string> UdpSocket::open(asio::io_context& context,
                                                                      const OpenSocket& asked,
                                                                      Hooks hooks) {
  auto socket = std::make_shared<UdpSocket>(context, std::move(hooks));
  boost::system::error_code error;
  socket->bind(asked, error);
  if (error) return tl::make_unexpected(error.message());
  socket->listen(socket->socket_, socket->local_.ip);
  if (asked.group) socket->listen(socket->group_, *asked.group);
  return socket;
}

UdpSocket::UdpSocket(asio::io_context& context, Hooks hooks)
    : hooks_{std::move(hooks)}, socket_{context}, group_{context} {}

void UdpSocket::bind(const OpenSocket& asked, boost::system::error_code& error) {
  const auto endpoint = to_asio<udp>(asked.local);
  socket_.open(endpoint.protocol(), error);
  if (!error && asked.group) share_port(socket_, error);
  if (!error) socket_.bind(endpoint, error);
  if (!error && asked.group) send_to_groups_from(socket_, asked.local.ip, error);
  if (!error) socket_.non_blocking(true, error);
  if (error) return;
  local_ = from_asio(socket_.local_endpoint(error));
  collect_errors(socket_.native_handle(), local_.ip.family());
  if (!error && asked.group) bind_group(*asked.group, error);
}

void UdpSocket::bind_group(const Ip& group, boost::system::error_code& error) {
  const auto endpoint = to_asio<udp>(Endpoint{group, local_.port});
  group_.open(endpoint.protocol(), error);
  if (!error) share_port(group_, error);
  if (!error) group_.bind(endpoint, error);
  if (!error) join_group(group_, group, local_.ip, error);
  if (!error) group_.non_blocking(true, error);
}

Sent UdpSocket::send(const Endpoint& remote, ByteView octets) {
  boost::system::error_code error;
  // A first failure can be that of an earlier datagram, which the kernel tells at the next call.
  for (int attempt = 0; attempt < 2; ++attempt) {
    socket_.send_to(asio::buffer(octets.data(), octets.size()), to_asio<udp>(remote), 0, error);
    if (!error) return Sent::Left;
  }
  const bool unreachable = error == asio::error::network_unreachable ||
                           error == asio::error::host_unreachable ||
                           error == asio::error::connection_refused;
  return unreachable ? Sent::Unreachable : Sent::Lost;
}

void UdpSocket::close() {
  is_open_ = false;
  boost::system::error_code ignored;
  socket_.close(ignored);
  group_.close(ignored);
}

void UdpSocket::listen(Socket& socket, const Ip& address) {
  socket.async_wait(Socket::wait_read, [self = shared_from_this(), &socket,
                                        address](const boost::system::error_code& error) {
    if (error || !self->is_open_) return;
    self->take(socket, address);
    if (self->is_open_) self->listen(socket, address);
  });
}

void UdpSocket::take(Socket& socket, const Ip& address) {
  std::array<std::byte, 65536> buffer;  // NOLINT: left as it is, for its size
  boost::system::error_code error;
  for (const auto& destination : take_unreachable(socket.native_handle())) {
    if (is_open_) hooks_.unreachable(destination);
  }
  // So many and no more, that one busy socket does not keep the others waiting.
  for (int turn = 0; is_open_ && turn < 64; ++turn) {
    udp::endpoint from;
    const auto size = socket.receive_from(asio::buffer(buffer), from, 0, error);
    if (error == asio::error::would_block) return;
    if (error) continue;  // an ICMP error that the error queue has told already
    hooks_.received(from_asio(from), address, ByteView{buffer.data(), size});
  }
}

}  // namespace rtclab::live
