#include "agents/live/tcp_stream.h"

#include "agents/live/asio_address.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>

#include <utility>

namespace rtclab::live {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

template <class Socket>
void share(Socket& socket, boost::system::error_code& error) {
  socket.set_option(asio::socket_base::reuse_address{true}, error);
  if (!error) socket.set_option(ReusePort{true}, error);
}

}  // namespace

void share_port(tcp::socket& socket, boost::system::error_code& error) {
  share(socket, error);
}
void share_port(tcp::acceptor& acceptor, boost::system::error_code& error) {
  share(acceptor, error);
}

void TcpStream::connect(const Endpoint& local, const Endpoint& remote, Outcome outcome) {
  outcome_ = std::move(outcome);
  boost::system::error_code error;
  socket_.open(to_asio<tcp>(local).protocol(), error);
  if (!error) share_port(socket_, error);
  if (!error) socket_.bind(to_asio<tcp>(local), error);
  if (error) {
    // Asked for within a drain; the answer comes after it.
    asio::post(socket_.get_executor(), [self = shared_from_this(), error] { self->fail(error); });
    return;
  }
  socket_.async_connect(to_asio<tcp>(remote), [self = shared_from_this()](const auto& failure) {
    if (self->is_closing_) return;
    if (failure) {
      self->fail(failure);
      return;
    }
    const auto opened = std::move(self->outcome_.opened);
    opened();
  });
}

void TcpStream::begin(Hooks hooks) {
  if (is_closing_) return;
  hooks_ = std::move(hooks);
  is_open_ = true;
  boost::system::error_code ignored;
  socket_.set_option(tcp::no_delay{true}, ignored);  // frames of ICE-TCP are whole datagrams
  read();
}

Endpoint TcpStream::local() const {
  boost::system::error_code ignored;
  return from_asio(socket_.local_endpoint(ignored));
}

Endpoint TcpStream::remote() const {
  boost::system::error_code ignored;
  return from_asio(socket_.remote_endpoint(ignored));
}

void TcpStream::send(ByteView octets) {
  if (!is_open_ || is_closing_) return;
  outgoing_.emplace_back(octets.begin(), octets.end());
  if (outgoing_.size() == 1) write();
}

void TcpStream::close() {
  if (std::exchange(is_closing_, true)) return;
  if (outgoing_.empty()) finish();
}

void TcpStream::read() {
  socket_.async_read_some(asio::buffer(buffer_),
                          [self = shared_from_this()](const auto& error, std::size_t size) {
                            if (self->is_closing_) return;
                            if (error) {
                              self->fail(error);
                              return;
                            }
                            self->hooks_.received(ByteView{self->buffer_.data(), size});
                            if (!self->is_closing_) self->read();
                          });
}

void TcpStream::write() {
  const auto& front = outgoing_.front();
  asio::async_write(socket_, asio::buffer(front.data(), front.size()),
                    [self = shared_from_this()](const auto& error, std::size_t /*size*/) {
                      self->outgoing_.pop_front();
                      if (error) {
                        if (self->is_closing_)
                          self->finish();
                        else
                          self->fail(error);
                        return;
                      }
                      if (!self->outgoing_.empty())
                        self->write();
                      else if (self->is_closing_)
                        self->finish();
                    });
}

void TcpStream::fail(const boost::system::error_code& error) {
  if (std::exchange(is_closing_, true)) return;
  finish();
  const auto why = error == asio::error::eof ? std::string{"closed by the peer"} : error.message();
  const auto outcome = std::move(outcome_);
  const auto hooks = std::move(hooks_);
  if (is_open_)
    hooks.closed(why);
  else
    outcome.failed(why);
}

void TcpStream::finish() {
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  socket_.close(ignored);
}

}  // namespace rtclab::live
