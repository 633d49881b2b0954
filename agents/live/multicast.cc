#include "agents/live/multicast.h"

#include "agents/live/asio_address.h"
#include "agents/live/interfaces.h"

#include <boost/asio/ip/multicast.hpp>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>

namespace rtclab::live {
namespace {

constexpr int kHopLimit = 255;  // RFC 6762 §11

unsigned index_of(const Ip& local) {
  const auto all = interface_addresses(Loopback::Shown);
  const auto found = std::ranges::find(all, local, &InterfaceAddress::address);
  return found == all.end() ? 0 : if_nametoindex(found->interface.c_str());
}

}  // namespace

namespace multicast = boost::asio::ip::multicast;
using Socket = boost::asio::ip::udp::socket;

void share_port(Socket& socket, boost::system::error_code& error) {
  using ReusePort = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
  socket.set_option(boost::asio::socket_base::reuse_address{true}, error);
  if (!error) socket.set_option(ReusePort{true}, error);
}

void join_group(Socket& socket, const Ip& group, const Ip& local,
                boost::system::error_code& error) {
  const auto address = to_asio(group);
  if (address.is_v4())
    socket.set_option(multicast::join_group{address.to_v4(), to_asio(local).to_v4()}, error);
  else
    socket.set_option(multicast::join_group{address.to_v6(), index_of(local)}, error);
}

void send_to_groups_from(Socket& socket, const Ip& local, boost::system::error_code& error) {
  if (local.is_v4())
    socket.set_option(multicast::outbound_interface{to_asio(local).to_v4()}, error);
  else
    socket.set_option(multicast::outbound_interface{index_of(local)}, error);
  if (!error) socket.set_option(multicast::hops{kHopLimit}, error);
  if (!error) socket.set_option(multicast::enable_loopback{true}, error);
}

}  // namespace rtclab::live
