#include "sim/host/host.h"

#include "sim/host/damage.h"
#include "sim/host/icmp.h"
#include "sim/link/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace rtclab::sim {
namespace {

// RFC 6762 §11: what is for a group leaves with 255, which shows that no router has passed it on.
std::uint8_t hop_limit_to(const Ip& destination) {
  return destination.is_multicast() ? 255 : ip::Envelope{}.hop_limit;
}

// Of a segment: RFC 791 §3.1 counts the header, RFC 8200 §3 does not.
std::size_t most_octets_in(Family family) {
  return family == Family::V4 ? 0xffff - 20 : 0xffff;
}

}  // namespace

Host::Host(std::string name, const SeededRng& rng)
    : name_{std::move(name)},
      identification_{static_cast<std::uint16_t>(rng.fork("ip identification").next())},
      fragment_identification_{static_cast<std::uint32_t>(rng.fork("ipv6 fragments").next())},
      udp_{*this, rng.fork("udp")},
      tcp_{*this, rng.fork("tcp")} {}

void Host::attach(Interface& interface, unsigned metric) {
  interfaces_.push_back(&interface);
  metrics_.push_back(metric);
  tcp_.note_mtu(interface.mtu());
  interface.on_arrival([this, &interface](const Arrival& arrival) { arrive(interface, arrival); });
}

std::optional<Ip> Host::address(Family family) const {
  std::optional<Ip> best;
  unsigned lowest = 0;
  for (std::size_t i = 0; i < interfaces_.size(); ++i) {
    const auto address = interfaces_[i]->address(family);
    if (!address || !is_up(*interfaces_[i]) || (best && metrics_[i] >= lowest)) continue;
    best = address;
    lowest = metrics_[i];
  }
  return best;
}

Interface* Host::interface_of(const Ip& ip) const {
  for (auto* interface : interfaces_) {
    if (interface->has_address(ip) && is_up(*interface)) return interface;
  }
  return nullptr;
}

void Host::set_up(const Interface& interface, bool up) {
  if (is_up(interface) == up) return;
  if (up) {
    down_.erase(&interface);
  } else {
    down_.insert(&interface);
  }
  announce(interface, interface.addresses(), up);
}

void Host::note_addresses_changed(const Interface& interface, const std::vector<Prefix>& before) {
  if (!is_up(interface)) return;
  const auto without = [](const std::vector<Prefix>& all, const std::vector<Prefix>& others) {
    std::vector<Prefix> rest;
    std::ranges::copy_if(all, std::back_inserter(rest), [&](const Prefix& each) {
      return std::ranges::find(others, each.ip, &Prefix::ip) == others.end();
    });
    return rest;
  };
  const auto now = interface.addresses();
  announce(interface, without(before, now), false);
  announce(interface, without(now, before), true);
}

void Host::announce(const Interface& interface, const std::vector<Prefix>& addresses, bool up) {
  if (addresses.empty()) return;
  const auto watchers = watchers_;  // one may leave, or another come
  for (const auto& [number, watcher] : watchers) {
    if (watchers_.contains(number)) watcher(interface, addresses, up);
  }
}

std::uint64_t Host::watch_interfaces(Watcher watcher) {
  watchers_.emplace(++last_watcher_, std::move(watcher));
  return last_watcher_;
}

bool Host::send(const Ip& source, const Ip& destination, ip::Protocol protocol, ByteView segment) {
  auto* const interface = interface_of(source);
  if (interface == nullptr || source.family() != destination.family()) return false;
  if (segment.size() > most_octets_in(source.family())) return false;
  // Each packet has a number of its own, which makes it known in every capture (RFC 6864 asks
  // less).
  auto packet = ip::build(
      {source, destination, protocol, identification_++, hop_limit_to(destination)}, segment);
  if (has_address(destination)) {
    // Not from within the call: a sender must not find its own datagram answered before it returns.
    Simulation::schedule(Simulation::now(),
                         [this, octets = std::move(packet)] { receive(octets); });
    return true;
  }
  const auto mtu = path_mtu(source, destination);
  if (packet.size() <= mtu) return interface->send_new(std::move(packet)) == SendResult::Queued;
  auto parts = source.is_v4() ? ip::fragment_v4(packet, mtu)
                              : ip::fragment_v6(packet, mtu, fragment_identification_++);
  return std::ranges::all_of(parts, [&](Bytes& part) {
    return interface->send_new(std::move(part)) == SendResult::Queued;
  });
}

std::size_t Host::path_mtu(const Ip& source, const Ip& destination) const {
  const auto* const interface = interface_of(source);
  return interface == nullptr ? 0 : path_mtu_.of(destination, interface->mtu(), Simulation::now());
}

void Host::arrive(Interface& interface, const Arrival& arrival) {
  if (!is_up(interface)) {
    return interface.note_dropped(arrival,
                                  "dropped by " + name_ + ": " + interface.name() + " is down");
  }
  if (const auto damage = damage_of(arrival.packet)) {
    return interface.note_dropped(
        arrival, fmt::format("dropped by {}: {} at octet {} ({})", name_, to_string(damage->flaw),
                             damage->offset, damage->rule.to_string()));
  }
  interface.note_received(arrival);
  const auto fragment = ip::Fragment::of(arrival.packet);
  if (!fragment) return take(interface, arrival.packet);
  const bool is_ours =
      has_address(fragment->key.destination) || fragment->key.destination.is_multicast();
  if (!is_ours) return;
  if (const auto whole = reassemble(arrival.packet, *fragment)) take(interface, *whole);
}

void Host::take(const Interface& interface, ByteView packet) {
  const auto destination = ip::destination_of(packet);
  if (!destination || !destination->is_multicast()) return receive(packet);
  if (const auto header = ip::Header::parse(packet)) receive_multicast(interface, *header, packet);
}

std::optional<Bytes> Host::reassemble(ByteView packet, const ip::Fragment& fragment) {
  auto whole = reassembler_.take(Simulation::now(), packet, fragment);
  reassembly_.arm(reassembler_.next_expiry());
  return whole;
}

// RFC 1122 §3.3.2, RFC 8200 §4.5.
void Host::give_up_reassembly() {
  for (const auto& first : reassembler_.expire(Simulation::now())) {
    const auto header = *ip::Header::parse(first);
    if (!has_address(header.destination) || header.source.is_unspecified()) continue;
    send(header.destination, header.source,
         header.source.is_v4() ? ip::Protocol::Icmp : ip::Protocol::IcmpV6,
         icmp::reassembly_timeout(header, first));
  }
  reassembly_.arm(reassembler_.next_expiry());
}

// RFC 1122 §3.3.7: to those who joined the group on this interface, and never answered.
void Host::receive_multicast(const Interface& interface, const ip::Header& header,
                             ByteView packet) {
  if (header.protocol != ip::Protocol::Udp || header.is_fragment()) return;
  const auto udp = ip::parse_udp(header, packet);
  if (!udp) return;
  const auto local = interface.address(header.destination.family());
  if (local) udp_.deliver_to_group(udp->destination, *local, udp->source, udp->payload);
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
    case ip::Protocol::Icmp:
    case ip::Protocol::IcmpV6: return receive_icmp(*header, payload);
    case ip::Protocol::Sctp: return;
  }
}

// RFC 1122 §3.2.2: nothing is answered that has no single host as its source.
void Host::refuse(const ip::Header& header, ByteView packet) {
  if (header.source.is_unspecified() || header.source.is_multicast()) return;
  const auto about = packet.first(header.total_size);
  send(header.destination, header.source,
       header.source.is_v4() ? ip::Protocol::Icmp : ip::Protocol::IcmpV6,
       icmp::port_unreachable(header, about));
}

void Host::receive_icmp(const ip::Header& header, ByteView message) {
  if (const auto reply = icmp::echo_reply(header, message)) {
    send(header.destination, header.source, header.protocol, *reply);
    return;
  }
  if (const auto too_big = icmp::parse_too_big(header, message)) {
    // Whoever guesses may claim this of a connection that is not there: RFC 8201 §4 believes only
    // what quotes a packet that can have been ours.
    if (!has_address(too_big->path.local.ip)) return;
    const auto& remote = too_big->path.remote.ip;
    const auto interface_mtu = interface_of(too_big->path.local.ip)->mtu();
    if (!path_mtu_.note(remote, too_big->mtu, interface_mtu, Simulation::now())) return;
    if (too_big->protocol == ip::Protocol::Tcp) {
      tcp_.note_path_mtu(too_big->path, path_mtu(too_big->path.local.ip, remote));
    }
    return;
  }
  const auto refused = icmp::parse_unreachable(header, message);
  if (!refused) return;
  if (refused->protocol == ip::Protocol::Udp) udp_.deliver(Unreachable{refused->path});
  if (refused->protocol == ip::Protocol::Tcp && refused->is_hard) {
    tcp_.deliver(Unreachable{refused->path});
  }
}

}  // namespace rtclab::sim
