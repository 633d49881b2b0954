#include "agents/live/asio_address.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace rtclab::live {

namespace ip = boost::asio::ip;

ip::address to_asio(const Ip& address) {
  if (address.is_v4()) return ip::address_v4{address.v4_number()};
  ip::address_v6::bytes_type octets{};
  std::ranges::copy(address.octets, octets.begin());
  return ip::address_v6{octets};
}

Ip from_asio(const ip::address& address) {
  if (address.is_v4()) return Ip::v4(address.to_v4().to_uint());
  Ip result;
  std::ranges::copy(address.to_v6().to_bytes(), result.octets.begin());
  return result;
}

std::optional<Endpoint> from_kernel(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    return Endpoint{Ip::v4(ntohl(v4.sin_addr.s_addr)), Port{ntohs(v4.sin_port)}};
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    Ip result;
    std::copy_n(v6.sin6_addr.s6_addr, result.octets.size(), result.octets.begin());
    return Endpoint{result, Port{ntohs(v6.sin6_port)}};
  }
  return std::nullopt;
}

}  // namespace rtclab::live
