// Addresses in Boost.Asio's words and in the kernel's. Private to this folder.
#pragma once

#include "agents/base/address.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <sys/socket.h>

#include <optional>

namespace rtclab::live {

[[nodiscard]] boost::asio::ip::address to_asio(const Ip& ip);
[[nodiscard]] Ip from_asio(const boost::asio::ip::address& address);

template <class Protocol>
[[nodiscard]] typename Protocol::endpoint to_asio(const Endpoint& endpoint) {
  return {to_asio(endpoint.ip), endpoint.port.value()};
}
template <class Protocol>
[[nodiscard]] Endpoint from_asio(const boost::asio::ip::basic_endpoint<Protocol>& endpoint) {
  return {from_asio(endpoint.address()), Port{endpoint.port()}};
}

// nullopt for a family that is neither IPv4 nor IPv6.
[[nodiscard]] std::optional<Endpoint> from_kernel(const sockaddr* address);

}  // namespace rtclab::live
