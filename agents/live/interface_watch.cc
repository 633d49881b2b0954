#include "agents/live/interface_watch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace rtclab::live {
namespace {

// -1 when the machine has no netlink for us.
int open_netlink() {
  const int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (descriptor < 0) return -1;
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return descriptor;
  close(descriptor);
  return -1;
}

}  // namespace

InterfaceWatch::InterfaceWatch(boost::asio::io_context& context, Loopback loopback,
                               std::function<void(const Input&)> on_change)
    : loopback_{loopback}, on_change_{std::move(on_change)}, netlink_{context} {
  // The watch begins before the first look, so that no change falls between the two.
  const int descriptor = open_netlink();
  if (descriptor >= 0) netlink_.assign(descriptor);
  addresses_ = interface_addresses(loopback_);
  if (descriptor >= 0) listen();
}

void InterfaceWatch::listen() {
  netlink_.async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [this](const boost::system::error_code& error) {
        if (error) return;
        std::array<char, 16384> ignored{};
        while (recv(netlink_.native_handle(), ignored.data(), ignored.size(), 0) > 0) {
        }
        read_anew();
        listen();
      });
}

void InterfaceWatch::read_anew() {
  auto before = std::exchange(addresses_, interface_addresses(loopback_));
  for (const auto& input : changes(before, addresses_)) on_change_(input);
}

}  // namespace rtclab::live
