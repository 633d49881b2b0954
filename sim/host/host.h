// A simulated machine: interfaces, addresses, UDP, TCP and ICMP, without ns-3's Internet stack.
//
// Spec: RFC 1122 (hosts), RFC 768, RFC 792, RFC 9293 (in tcp_stack.h).
// Strict source routing: a packet leaves by the interface whose address is its source. A packet
// whose source is none of ours is not sent at all, as behind reverse-path filters (RFC 2827). A
// datagram to an address of the machine itself never leaves it, and is in no capture. Not here:
// fragments. A datagram above the MTU is refused, as a socket that may not fragment does.
#pragma once

#include "agents/base/io.h"
#include "agents/base/ip_packet.h"
#include "agents/base/rng.h"
#include "sim/host/tcp_sockets.h"
#include "sim/host/udp_sockets.h"
#include "sim/link/interface.h"

#include <cstdint>
#include <string>
#include <vector>

namespace rtclab::sim {

class Host {
 public:
  // Everything the machine draws (ports, sequence numbers) comes from forks of `rng`.
  Host(std::string name, const SeededRng& rng);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // Takes the interface over: from now on its packets come here. It outlives this object's traffic.
  void attach(Interface& interface);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::vector<Interface*>& interfaces() const { return interfaces_; }
  [[nodiscard]] bool has_address(const Ip& ip) const { return interface_of(ip) != nullptr; }
  // The address of the first interface: what a program gets that does not care.
  // Precondition: an interface is attached.
  [[nodiscard]] Ip address() const { return interfaces_.front()->address().ip; }

  [[nodiscard]] UdpSockets& udp() { return udp_; }
  [[nodiscard]] TcpSockets& tcp() { return tcp_; }

  // Hands a transport segment to the network; false when it cannot leave.
  bool send(const Ip& source, const Ip& destination, ip::Protocol protocol, ByteView segment);

 private:
  [[nodiscard]] Interface* interface_of(const Ip& ip) const;
  void receive(ByteView packet);
  void receive_icmp(const ip::Header& header, ByteView message);
  void refuse(const ip::Header& header, ByteView packet);

  std::string name_;
  std::vector<Interface*> interfaces_;
  std::uint16_t identification_;
  UdpSockets udp_;
  TcpSockets tcp_;
};

}  // namespace rtclab::sim
