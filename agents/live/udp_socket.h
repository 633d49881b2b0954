// One UDP socket of an agent on the real network. Private to this folder.
#pragma once

#include "agents/base/io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <tl/expected.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace rtclab::live {

// What the kernel did with a datagram that was to be sent.
enum class Sent : std::uint8_t { Left, Lost, Unreachable };

// Shared, because what it calls may close it.
class UdpSocket : public std::enable_shared_from_this<UdpSocket> {
 public:
  struct Hooks {
    // `to` is the socket's own address, or the group's.
    std::function<void(const Endpoint& from, const Ip& to, ByteView octets)> received;
    std::function<void(const Endpoint& destination)> unreachable;
  };
  // Bound and listening, or why not.
  static tl::expected<std::shared_ptr<UdpSocket>, std::string> open(
      boost::asio::io_context& context, const OpenSocket& asked, Hooks hooks);

  UdpSocket(boost::asio::io_context& context, Hooks hooks);

  [[nodiscard]] const Endpoint& local() const { return local_; }
  Sent send(const Endpoint& remote, ByteView octets);
  // No hook is called any more.
  void close();

 private:
  using Socket = boost::asio::ip::udp::socket;

  void bind(const OpenSocket& asked, boost::system::error_code& error);
  void bind_group(const Ip& group, boost::system::error_code& error);
  void listen(Socket& socket, const Ip& address);
  void take(Socket& socket, const Ip& address);

  Hooks hooks_;
  Endpoint local_;
  Socket socket_;
  Socket group_;  // bound to the group's address: a socket bound to `local_` never hears it
  bool is_open_ = true;
};

}  // namespace rtclab::live
