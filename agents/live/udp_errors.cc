#include "agents/live/udp_errors.h"

#include "agents/live/asio_address.h"

#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <optional>

namespace rtclab::live {
namespace {

bool means_unreachable(const sock_extended_err& error) {
  // RFC 1191 §4: "fragmentation needed" speaks of a size, not of the destination.
  if (error.ee_origin == SO_EE_ORIGIN_ICMP)
    return error.ee_type == ICMP_DEST_UNREACH && error.ee_code != ICMP_FRAG_NEEDED;
  return error.ee_origin == SO_EE_ORIGIN_ICMP6 && error.ee_type == ICMP6_DST_UNREACH;
}

std::optional<sock_extended_err> error_in(msghdr& message) {
  for (auto* each = CMSG_FIRSTHDR(&message); each != nullptr; each = CMSG_NXTHDR(&message, each)) {
    const bool is_error = (each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_RECVERR) ||
                          (each->cmsg_level == IPPROTO_IPV6 && each->cmsg_type == IPV6_RECVERR);
    if (!is_error) continue;
    sock_extended_err error{};
    std::memcpy(&error, CMSG_DATA(each), sizeof error);
    return error;
  }
  return std::nullopt;
}

}  // namespace

void collect_errors(int socket, Family family) {
  const int on = 1;
  if (family == Family::V4)
    setsockopt(socket, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
  else
    setsockopt(socket, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
}

std::vector<Endpoint> take_unreachable(int socket) {
  std::vector<Endpoint> unreachable;
  for (;;) {
    sockaddr_storage destination{};
    std::array<char, 512> control{};
    char octet = 0;  // the start of the datagram comes along; it is of no use
    iovec part{&octet, 1};
    msghdr message{};
    message.msg_name = &destination;
    message.msg_namelen = sizeof destination;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (recvmsg(socket, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return unreachable;
    const auto error = error_in(message);
    const auto endpoint = from_kernel(reinterpret_cast<const sockaddr*>(&destination));
    if (error && endpoint && means_unreachable(*error)) unreachable.push_back(*endpoint);
  }
}

}  // namespace rtclab::live
