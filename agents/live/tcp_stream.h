// One TCP connection of an agent on the real network. Private to this folder.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace rtclab::live {

// Lets a port that listens, or that has streams, be bound once more (RFC 6544 §7.1).
void share_port(boost::asio::ip::tcp::socket& socket, boost::system::error_code& error);
void share_port(boost::asio::ip::tcp::acceptor& acceptor, boost::system::error_code& error);

// Shared, because what it calls may close it.
class TcpStream : public std::enable_shared_from_this<TcpStream> {
 public:
  struct Hooks {
    std::function<void(ByteView octets)> received;
    std::function<void(const std::string& why)> closed;
  };
  // How a connect() ends: opened() is where the owner calls begin().
  struct Outcome {
    std::function<void()> opened;
    std::function<void(const std::string& why)> failed;
  };

  explicit TcpStream(boost::asio::io_context& context) : socket_{context} {}
  // One that was accepted.
  explicit TcpStream(boost::asio::ip::tcp::socket socket) : socket_{std::move(socket)} {}

  void connect(const Endpoint& local, const Endpoint& remote, Outcome outcome);
  // For one that is open: from now on octets come.
  void begin(Hooks hooks);

  // Known from opened() on.
  [[nodiscard]] Endpoint local() const;
  [[nodiscard]] Endpoint remote() const;

  void send(ByteView octets);
  // FIN behind what was sent; no hook is called any more.
  void close();

 private:
  void read();
  void write();
  void fail(const boost::system::error_code& error);
  void finish();

  boost::asio::ip::tcp::socket socket_;
  Outcome outcome_;
  Hooks hooks_;
  std::deque<Bytes> outgoing_;
  std::array<std::byte, 16384> buffer_{};
  bool is_open_ = false;
  bool is_closing_ = false;
};

}  // namespace rtclab::live
