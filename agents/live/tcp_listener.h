// A listening TCP socket of an agent. Private to this folder.
#pragma once

#include "agents/live/tcp_stream.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <tl/expected.hpp>

#include <functional>
#include <memory>
#include <string>

namespace rtclab::live {

class TcpListener : public std::enable_shared_from_this<TcpListener> {
 public:
  using OnAccepted = std::function<void(std::shared_ptr<TcpStream>)>;
  static tl::expected<std::shared_ptr<TcpListener>, std::string> open(
      boost::asio::io_context& context, const Endpoint& local, OnAccepted on_accepted);

  TcpListener(boost::asio::io_context& context, OnAccepted on_accepted);

  [[nodiscard]] Endpoint local() const { return local_; }
  void close();

 private:
  void accept();

  OnAccepted on_accepted_;
  Endpoint local_;
  boost::asio::ip::tcp::acceptor acceptor_;
};

}  // namespace rtclab::live
