#include "agents/live/tcp_listener.h"

#include "agents/live/asio_address.h"

#include <utility>

namespace rtclab::live {

namespace asio = boost::asio;
using asio::ip::tcp;

tl::expected<std::shared_ptr<TcpListener>, std::string> TcpListener::open(asio::io_context& context,
                                                                          const Endpoint& local,
                                                                          OnAccepted on_accepted) {
  auto listener = std::make_shared<TcpListener>(context, std::move(on_accepted));
  auto& acceptor = listener->acceptor_;
  boost::system::error_code error;
  acceptor.open(to_asio<tcp>(local).protocol(), error);
  if (!error) share_port(acceptor, error);
  if (!error) acceptor.bind(to_asio<tcp>(local), error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return tl::make_unexpected(error.message());
  listener->local_ = from_asio(acceptor.local_endpoint(error));
  listener->accept();
  return listener;
}

TcpListener::TcpListener(asio::io_context& context, OnAccepted on_accepted)
    : on_accepted_{std::move(on_accepted)}, acceptor_{context} {}

void TcpListener::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
}

void TcpListener::accept() {
  acceptor_.async_accept([self = shared_from_this()](const auto& error, tcp::socket socket) {
    if (!self->acceptor_.is_open()) return;
    if (!error) self->on_accepted_(std::make_shared<TcpStream>(std::move(socket)));
    if (self->acceptor_.is_open()) self->accept();
  });
}

}  // namespace rtclab::live
