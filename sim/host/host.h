// A simulated machine: interfaces, addresses, UDP, TCP and ICMP, without ns-3's Internet stack.
//
// Spec: RFC 1122 (hosts), RFC 768, RFC 792, RFC 4443, RFC 9293 (in tcp_stack.h).
// Strict source routing: a packet leaves by the interface whose address is its source. A packet
// whose source is none of ours is not sent at all, as behind reverse-path filters (RFC 2827). A
// datagram to an address of the machine itself never leaves it, and is in no capture. What exceeds
// the MTU, the interface's or that of the path as far as it is known (path_mtu.h), is sent in
// fragments; what comes in fragments is put together. IPv4 leaves without the DF bit.
#pragma once

#include "agents/base/io.h"
#include "agents/base/ip_fragment.h"
#include "agents/base/ip_packet.h"
#include "agents/base/rng.h"
#include "sim/host/path_mtu.h"
#include "sim/host/tcp_sockets.h"
#include "sim/host/udp_sockets.h"
#include "sim/link/interface.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
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
  // Programs that do not choose use the interface of the lowest metric, among equals the first.
  void attach(Interface& interface, unsigned metric = 0);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::vector<Interface*>& interfaces() const { return interfaces_; }
  // Whether an interface that is up has the address.
  [[nodiscard]] bool has_address(const Ip& ip) const { return interface_of(ip) != nullptr; }
  // The address of the family that a program gets that does not care: of the interface with the
  // lowest metric that is up.
  [[nodiscard]] std::optional<Ip> address(Family family) const;

  // Every interface is up to begin with, unless it is taken down before anybody watches. One that
  // is down sends nothing, what arrives there is dropped, and its addresses are not the machine's.
  void set_up(const Interface& interface, bool up);
  [[nodiscard]] bool is_up(const Interface& interface) const { return !down_.contains(&interface); }
  // The interface had these addresses before and has others now: what stood on those that are gone
  // stands on nothing any more. TCP connections notice when nothing they send arrives (RFC 9293
  // §3.8.3).
  void note_addresses_changed(const Interface& interface, const std::vector<Prefix>& before);
  // Called with the addresses that come or go with each interface that goes up or down, or that
  // changes its addresses, afterwards, in the order of the calls; until forget_watcher() with the
  // number that this returns.
  using Watcher =
      std::function<void(const Interface&, const std::vector<Prefix>& addresses, bool up)>;
  std::uint64_t watch_interfaces(Watcher watcher);
  void forget_watcher(std::uint64_t number) { watchers_.erase(number); }

  [[nodiscard]] UdpSockets& udp() { return udp_; }
  [[nodiscard]] TcpSockets& tcp() { return tcp_; }

  // Hands a transport segment to the network; false when it cannot leave.
  bool send(const Ip& source, const Ip& destination, ip::Protocol protocol, ByteView segment);
  // The largest packet that leaves whole; 0 when none can leave from there.
  [[nodiscard]] std::size_t path_mtu(const Ip& source, const Ip& destination) const;

 private:
  [[nodiscard]] Interface* interface_of(const Ip& ip) const;
  void announce(const Interface& interface, const std::vector<Prefix>& addresses, bool up);
  void arrive(Interface& interface, const Arrival& arrival);
  void take(const Interface& interface, ByteView packet);
  void receive(ByteView packet);
  void receive_multicast(const Interface& interface, const ip::Header& header, ByteView packet);
  [[nodiscard]] std::optional<Bytes> reassemble(ByteView packet, const ip::Fragment& fragment);
  void give_up_reassembly();
  void receive_icmp(const ip::Header& header, ByteView message);
  void refuse(const ip::Header& header, ByteView packet);

  std::string name_;
  std::vector<Interface*> interfaces_;
  std::vector<unsigned> metrics_;    // of each
  std::set<const Interface*> down_;  // looked up, never iterated
  std::map<std::uint64_t, Watcher> watchers_;
  std::uint64_t last_watcher_ = 0;
  std::uint16_t identification_;
  std::uint32_t fragment_identification_;  // IPv6
  PathMtu path_mtu_;
  ip::Reassembler reassembler_;
  Timer reassembly_{[this] { give_up_reassembly(); }};
  UdpSockets udp_;
  TcpSockets tcp_;
};

}  // namespace rtclab::sim
