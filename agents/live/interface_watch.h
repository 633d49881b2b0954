// Notices when an address of this machine comes or goes: the kernel tells that something changed,
// and the addresses are read anew (rtnetlink(7); the messages' content is not trusted to be
// complete).
#pragma once

#include "agents/live/interfaces.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>
#include <vector>

namespace rtclab::live {

class InterfaceWatch {
 public:
  // `on_change` gets InterfaceDown and InterfaceUp inputs, one at a time. Without netlink (a
  // container may forbid it) the addresses stay those of the beginning.
  InterfaceWatch(boost::asio::io_context& context, Loopback loopback,
                 std::function<void(const Input&)> on_change);

  [[nodiscard]] const std::vector<InterfaceAddress>& addresses() const { return addresses_; }

 private:
  void listen();
  void read_anew();

  Loopback loopback_;
  std::function<void(const Input&)> on_change_;
  boost::asio::posix::stream_descriptor netlink_;
  std::vector<InterfaceAddress> addresses_;
};

}  // namespace rtclab::live
