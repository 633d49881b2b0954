#include "sim/host/host.h"

#include "sim/host/icmp.h"
#include "sim/link/simulation.h"

#include <utility>

namespace rtclab::sim {

Host::Host(std::string name, const SeededRng& rng)
    : name_{std::move(name)},
      identification_{static_cast<std::uint16_t>(rng.fork("ip identification").next())},
      udp_{*this, rng.fork("udp")},
      tcp_{*this, rng.fork("tcp")} {}

void Host::attach(Interface& interface) {
  interfaces_.push_back(&interface);
  tcp_.note_mtu(interface.mtu());
  interface.on_receive([this](ByteView packet, PacketId) { receive(packet); });
}

Interface* Host::interface_of(const Ip& ip) const {
  for (auto* interface : interfaces_) {
    if (interface->address().ip == ip) return interface;
  }
  return nullptr;
}

bool Host::send(const Ip& source, const Ip& destination, ip::Protocol protocol, ByteView segment) {
  auto* const interface = interface_of(source);
  if (interface == nullptr || source.family() != destination.family()) return false;
  // Each packet has a number of its own, which makes it known in every capture (RFC 6864 asks
  // less).
  auto packet = ip::build({source, destination, protocol, identification_++}, segment);
  if (has_address(destination)) {
    // Not from within the call: a sender must not find its own datagram answered before it returns.
    Simulation::schedule(Simulation::now(),
                         [this, octets = std::move(packet)] { receive(octets); });
    return true;
  }
  return interface->send_new(std::move(packet)) == SendResult::Queued;
}

void Host::receive(ByteView packet) {
  const auto header = ip::Header::parse(packet);
  if (!header || !has_address(header->destination) || header->is_fragment()) return;
  const auto payload = header->payload(packet);
  switch (header->protocol) {
    case ip::Protocol::Udp: {
      const auto udp = ip::parse_udp(*header, packet);
      if (!udp) return;
      const Path path{Transport::Udp, udp->destination, udp->source};
      if (!udp_.deliver(Received{path, udp->payload})) refuse(*header, packet);
      return;
    }
    case ip::Protocol::Tcp: return tcp_.receive(header->source, header->destination, payload);
    case ip::Protocol::Icmp: return receive_icmp(*header, payload);
    case ip::Protocol::IcmpV6:
    case ip::Protocol::Sctp: return;
  }
}

// RFC 1122 §3.2.2: nothing is answered that has no single host as its source.
void Host::refuse(const ip::Header& header, ByteView packet) {
  if (header.source.is_unspecified() || !header.source.is_v4()) return;
  send(header.destination, header.source, ip::Protocol::Icmp,
       icmp::port_unreachable(packet.first(header.total_size)));
}

void Host::receive_icmp(const ip::Header& header, ByteView message) {
  if (const auto reply = icmp::echo_reply(message)) {
    send(header.destination, header.source, ip::Protocol::Icmp, *reply);
    return;
  }
  const auto refused = icmp::parse_unreachable(message);
  if (!refused) return;
  if (refused->protocol == ip::Protocol::Udp) udp_.deliver(Unreachable{refused->path});
  if (refused->protocol == ip::Protocol::Tcp && refused->is_hard) {
    tcp_.deliver(Unreachable{refused->path});
  }
}

}  // namespace rtclab::sim
