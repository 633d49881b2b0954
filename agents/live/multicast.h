// Options of sockets that belong to a multicast group. Private to this folder.
#pragma once

#include "agents/base/address.h"

#include <boost/asio/ip/udp.hpp>

namespace rtclab::live {

// Other sockets may have the port too (RFC 6762 §15).
void share_port(boost::asio::ip::udp::socket& socket, boost::system::error_code& error);
// Gets what is sent to `group` on the interface that has the address `local`.
void join_group(boost::asio::ip::udp::socket& socket, const Ip& group, const Ip& local,
                boost::system::error_code& error);
// What the socket sends to a group leaves by the interface of `local`, with the hop limit that
// RFC 6762 §11 asks for, and is heard on this machine too.
void send_to_groups_from(boost::asio::ip::udp::socket& socket, const Ip& local,
                         boost::system::error_code& error);

}  // namespace rtclab::live
